with

calibration as (

    select * from {{ ref('int_calibration') }}
    where period = 'latest'

),

contacts as (

    select * from {{ ref('int_bin_contacts') }}

),

-- Wilson's interval of 95 %, of n leads and a rate p: (p + z2 / 2n -+ z sqrt(p (1 - p) / n + z2 / 4n2)) / (1 + z2 / n), where n is the
-- number of independent leads that would make the rate as sure as it is.
observed as (

    select
        calibration.*,
        contacts.contacts,
        contacts.converted_contacts,
        contacts.effective_leads as n,
        contacts.effective_leads * (calibration.conversions / calibration.leads) as n_by_p,
        {{ divided('calibration.conversions', 'calibration.leads') }} as observed_rate,
        {{ root_of(
            'contacts.effective_leads * (calibration.conversions / calibration.leads)'
            ~ ' * ((calibration.leads - calibration.conversions) / calibration.leads) + 0.960365'
        ) }} as deviation

    from calibration

    inner join contacts
        on
            calibration.model_id = contacts.model_id
            and calibration.score_bin = contacts.score_bin

),

final as (

    select
        model_id,
        {{ as_whole('score_bin') }} as score_bin,
        stated_on as as_of_date,
        from_score,
        to_score,
        {{ as_count('contacts') }} as leads,
        {{ as_count('converted_contacts') }} as conversions,
        {{ as_count('leads') }} as lead_dates,
        {{ as_count('conversions') }} as converted_lead_dates,
        {{ as_amount('observed_rate') }} as observed_rate,
        {{ as_amount('greatest((n_by_p + 1.920729 - 1.959964 * deviation) / (n + 3.841459), 0)') }} as rate_from,
        {{ as_amount('least((n_by_p + 1.920729 + 1.959964 * deviation) / (n + 3.841459), 1)') }} as rate_to,
        probability

    from observed

)

select * from final
