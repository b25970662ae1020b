with

calibration as (

    select * from {{ ref('int_calibration') }}
    where period = 'latest'

),

-- Wilson's interval of 95 %, of n leads and a rate p: (p + z2 / 2n -+ z sqrt(p (1 - p) / n + z2 / 4n2)) / (1 + z2 / n).
observed as (

    select
        *,
        {{ divided('conversions', 'leads') }} as observed_rate,
        {{ root_of('1.0 * conversions * (leads - conversions) / leads + 0.960365') }} as deviation

    from calibration

),

final as (

    select
        model_id,
        {{ as_whole('score_bin') }} as score_bin,
        stated_on as as_of_date,
        from_score,
        to_score,
        {{ as_count('leads') }} as leads,
        {{ as_count('conversions') }} as conversions,
        {{ as_amount('observed_rate') }} as observed_rate,
        {{ as_amount('greatest((conversions + 1.920729 - 1.959964 * deviation) / (leads + 3.841459), 0)') }} as rate_from,
        {{ as_amount('least((conversions + 1.920729 + 1.959964 * deviation) / (leads + 3.841459), 1)') }} as rate_to,
        probability

    from observed

)

select * from final
