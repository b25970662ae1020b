with

rule_levels as (

    select * from {{ ref('int_rule_levels') }}

),

score_levels as (

    select * from {{ ref('int_score_levels') }}
    where
        period = 'all'
        and segment is null

),

touching_rules as (

    select distinct
        model_id,
        rule_id
    from rule_levels

),

-- The leads of each score if the rule gave nothing: who has it moves by its points.
moved as (

    select
        touching_rules.model_id,
        touching_rules.rule_id,
        score_levels.score,
        score_levels.leads,
        score_levels.conversions

    from touching_rules

    inner join score_levels on touching_rules.model_id = score_levels.model_id

    union all

    select
        model_id,
        rule_id,
        score,
        -leads as leads,
        -conversions as conversions

    from rule_levels

    union all

    select
        model_id,
        rule_id,
        score - points as score,
        leads,
        conversions

    from rule_levels

),

levels as (

    select
        model_id,
        rule_id,
        score,
        sum(leads) as leads,
        sum(conversions) as conversions

    from moved

    group by model_id, rule_id, score

),

cumulated as (

    select
        model_id,
        rule_id,
        conversions,
        leads - conversions as unconverted,
        sum(leads - conversions) over (
            partition by model_id, rule_id
            order by score
            rows between unbounded preceding and current row
        ) as unconverted_up_to_here

    from levels

),

-- As in int_score_ranking.
final as (

    select
        model_id,
        rule_id,
        {{ divided(
            'sum(conversions * (2 * unconverted_up_to_here - unconverted))',
            'nullif(2 * sum(conversions) * sum(unconverted), 0)'
        ) }} as roc_auc

    from cumulated

    group by model_id, rule_id

)

select * from final
