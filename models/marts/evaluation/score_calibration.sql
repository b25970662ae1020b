with

calibration as (

    select * from {{ ref('int_calibration') }}
    where is_latest

),

goals as (

    select * from {{ ref('int_conversion_goals') }}

),

added_up as (

    select
        goal_key,
        score_bin,
        count(*) as contacts,
        sum(case when conversions > 0 then 1 else 0 end) as converted_contacts,
        sum(leads * leads) as leads_by_leads,
        sum(leads * conversions) as leads_by_conversions,
        sum(conversions * conversions) as conversions_by_conversions

    from {{ ref('int_calibration_contacts') }}

    where is_latest

    group by goal_key, score_bin

),

-- Sum over contacts of (y - p n)^2, for the variance of the common rate p (Cochran 1977).
spread as (

    select
        calibration.*,
        added_up.contacts,
        added_up.converted_contacts,
        {{ as_rounded(
            'conversions_by_conversions - 2 * ' ~ quotient('conversions', 'leads') ~ ' * leads_by_conversions'
            ~ ' + ' ~ quotient('conversions', 'leads') ~ ' * ' ~ quotient('conversions', 'leads') ~ ' * leads_by_leads',
            9
        ) }} as squared_distances

    from calibration

    inner join added_up
        on
            calibration.goal_key = added_up.goal_key
            and calibration.score_bin = added_up.score_bin

),

-- Effective sample size (Kish 1965, design effect): all leads if each contact occurs
-- once. If all or none converted, the correlation within contacts is unknown: each contact counts once.
worth as (

    select
        *,
        case
            when conversions = 0 or conversions = leads or squared_distances <= 0 then contacts
            else least({{ as_amount('conversions * ' ~ quotient('leads - conversions', 'squared_distances')) }}, leads)
        end as n

    from spread

),

-- Wilson's 95 % interval for n leads and rate p: (p + z2 / 2n -+ z sqrt(p (1 - p) / n + z2 / 4n2)) / (1 + z2 / n).
observed as (

    select
        *,
        n * {{ quotient('conversions', 'leads') }} as n_by_p,
        {{ divided('conversions', 'leads') }} as observed_rate,
        {{ root_of(
            'n * ' ~ quotient('conversions', 'leads') ~ ' * ' ~ quotient('leads - conversions', 'leads') ~ ' + 0.960365'
        ) }} as deviation

    from worth

),

final as (

    select
        goals.model_id,
        goals.goal_id,
        {{ as_whole('score_bin') }} as score_bin,
        observed.stated_on as as_of_date,
        observed.from_score,
        observed.to_score,
        {{ as_count('contacts') }} as leads,
        {{ as_count('converted_contacts') }} as conversions,
        {{ as_count('leads') }} as lead_dates,
        {{ as_count('conversions') }} as converted_lead_dates,
        {{ as_amount('observed_rate') }} as observed_rate,
        {{ as_amount('greatest(' ~ quotient('n_by_p + 1.920729 - 1.959964 * deviation', 'n + 3.841459') ~ ', 0)') }} as rate_from,
        {{ as_amount('least(' ~ quotient('n_by_p + 1.920729 + 1.959964 * deviation', 'n + 3.841459') ~ ', 1)') }} as rate_to,
        {{ probability_at('observed.mean_score', 'observed') }} as probability

    from observed

    inner join goals on observed.goal_key = goals.goal_key

)

select * from final
