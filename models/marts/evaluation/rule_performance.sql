with

counts as (

    select counts.*, goals.goal_id -- noqa: LT09
    from {{ ref('int_rule_counts') }} as counts
    inner join {{ ref('int_conversion_goals') }} as goals on counts.goal_key = goals.goal_key

),

auc_without as (

    select * from {{ ref('int_rule_auc') }}

),

effects as (

    select * from {{ ref('int_rule_effects') }}

),

variances as (

    select * from {{ ref('int_rule_variances') }}

),

-- One Newton step on the rule's coefficient, with a ridge of 10, converted from log-odds to points.
-- With fewer than ten converted contacts on either side, the normal approximation is unreliable.
measured as (

    select
        counts.*,
        auc_without.roc_auc as roc_auc_without,
        counts.converted_contacts_touched >= 10
        and counts.converted_contacts_untouched >= 10 as is_enough,
        case
            when variances.variance > 0 then {{ two_sided_tail(quotient('abs(effects.surplus)', root_of('variances.variance'))) }}
        end as p_value,
        {{ quotient('effects.surplus', 'effects.information + 10') }}
        / effects.log_odds_per_point / nullif(counts.weight, 0) as more_points,
        {{ quotient(root_of('variances.variance'), 'effects.information + 10') }}
        / effects.log_odds_per_point / nullif(counts.weight, 0) as points_error

    from counts
    left join auc_without on counts.goal_key = auc_without.goal_key and counts.rule_id = auc_without.rule_id
    left join effects on counts.goal_key = effects.goal_key and counts.rule_id = effects.rule_id
    left join variances on counts.goal_key = variances.goal_key and counts.rule_id = variances.rule_id

),

numbered as (

    select
        *,
        case
            when is_enough and more_points is not null
                then {{ as_whole('least(greatest(points + more_points, -1000000000), 1000000000)') }}
        end as points_suggested,
        row_number() over (partition by goal_key, is_enough and p_value is not null order by p_value, rule_id) as place,
        count(*) over (partition by goal_key, is_enough and p_value is not null) as tests

    from measured

),

-- Benjamini and Hochberg (1995): the largest p with a false discovery rate of at most 10 %.
limited as (

    select
        *,
        max(case when is_enough and p_value * tests * 10 <= place then p_value end) over (partition by goal_key) as greatest_p

    from numbered

),

final as (

    select
        model_id,
        goal_id,
        rule_id,
        rule_kind,
        rule_group,
        label,
        {{ as_count('contacts') }} as leads,
        {{ as_count('contacts_touched') }} as leads_touched,
        {{ as_count('converted_contacts_touched') }} as conversions_touched,
        {{ as_count('converted_contacts_untouched') }} as conversions_untouched,
        {{ as_count('leads') }} as lead_dates,
        {{ as_count('leads_touched') }} as lead_dates_touched,
        {{ as_count('conversions_touched') }} as converted_lead_dates_touched,
        {{ as_amount(divided('conversions_touched', 'nullif(leads_touched, 0)')) }} as rate_with,
        {{ as_amount(divided('conversions - conversions_touched', 'nullif(leads - leads_touched, 0)')) }} as rate_without,
        {{ as_amount(divided(
            'conversions_touched * (leads - leads_touched)',
            'nullif(leads_touched * (conversions - conversions_touched), 0)'
        )) }} as lift,
        {{ as_amount('roc_auc - roc_auc_without') }} as auc_contribution,
        {{ as_points(mean_of('points_given', 'nullif(leads_touched, 0)')) }} as points_per_lead,
        points,
        points_suggested,
        case when points_suggested is not null then {{ as_amount('least(abs(points_error), 1000000000)') }} end as points_error,
        p_value,
        case
            when points_suggested is null then 'too little data'
            when not coalesce(p_value <= greatest_p, false) or points_suggested = points then 'keep'
            when points_suggested = 0 or (points_suggested > 0 and points < 0) or (points_suggested < 0 and points > 0) then 'remove'
            when abs(points_suggested) > abs(points) then 'raise'
            else 'lower'
        end as verdict

    from limited

)

select * from final
