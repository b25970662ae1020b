with

rules as (

    select * from {{ ref('int_rules') }}

),

labels as (

    select * from {{ ref('int_rule_labels') }}

),

rule_levels as (

    select * from {{ ref('int_rule_levels') }}

),

ranking as (

    select * from {{ ref('int_score_ranking') }}
    where
        period = 'all'
        and segment is null

),

auc_without as (

    select * from {{ ref('int_rule_auc') }}

),

suggestions as (

    select * from {{ ref('int_rule_suggestions') }}

),

touched as (

    select
        rule_id,
        sum(leads) as leads,
        sum(conversions) as conversions,
        sum(points * leads) as points

    from rule_levels

    group by rule_id

),

joined as (

    select
        rules.*,
        labels.label,
        ranking.leads,
        ranking.conversions,
        ranking.roc_auc,
        coalesce(touched.leads, 0) as leads_touched,
        coalesce(touched.conversions, 0) as conversions_touched,
        touched.points as points_given,
        auc_without.roc_auc as roc_auc_without,
        suggestions.is_certain,
        -- Ten conversions, seen or to be expected, are the least to say anything.
        case
            when greatest(touched.conversions * ranking.leads, ranking.conversions * touched.leads) >= 10 * ranking.leads
                then suggestions.points_suggested
        end as points_suggested

    from rules

    inner join labels on rules.rule_id = labels.rule_id

    inner join ranking on rules.model_id = ranking.model_id

    left join touched on rules.rule_id = touched.rule_id

    left join auc_without on rules.rule_id = auc_without.rule_id

    left join suggestions on rules.rule_id = suggestions.rule_id

),

final as (

    select
        model_id,
        rule_id,
        rule_kind,
        rule_group,
        label,
        {{ as_count('leads') }} as leads,
        {{ as_count('leads_touched') }} as leads_touched,
        {{ as_count('conversions_touched') }} as conversions_touched,
        {{ as_amount(divided('conversions_touched', 'nullif(leads_touched, 0)')) }} as rate_with,
        {{ as_amount(divided('conversions - conversions_touched', 'nullif(leads - leads_touched, 0)')) }} as rate_without,
        {{ as_amount(divided(
            'conversions_touched * (leads - leads_touched)',
            'nullif(leads_touched * (conversions - conversions_touched), 0)'
        )) }} as lift,
        {{ as_amount('roc_auc - roc_auc_without') }} as auc_contribution,
        {{ as_points('points_given / nullif(leads_touched, 0)') }} as points_per_lead,
        points,
        points_suggested,
        case
            when points_suggested is null then 'too little data'
            when not is_certain then 'keep'
            when points_suggested = 0 or (points_suggested > 0 and points < 0) or (points_suggested < 0 and points > 0) then 'remove'
            when abs(points_suggested) > abs(points) then 'raise'
            else 'lower'
        end as verdict

    from joined

)

select * from final
