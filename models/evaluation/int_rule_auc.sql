with

outcomes as (

    select * from {{ ref('int_lead_outcomes') }}
    where is_judged

),

rule_history as (

    select * from {{ ref('int_rule_history') }}

),

score_levels as (

    select * from {{ ref('int_score_levels') }}
    where period = 'all' and segment is null and challenger_id is null

),

rule_levels as (

    select
        outcomes.goal_key,
        rule_history.rule_id,
        outcomes.score,
        rule_history.points,
        count(*) as leads,
        sum(outcomes.is_converted) as conversions

    from rule_history

    inner join outcomes
        on
            rule_history.as_of_date = outcomes.as_of_date
            and rule_history.model_id = outcomes.model_id
            and rule_history.contact_id = outcomes.contact_id

    group by outcomes.goal_key, rule_history.rule_id, outcomes.score, rule_history.points

),

-- Leads by score without the rule: matched leads move by its points.
moved as (

    select
        touching_rules.goal_key,
        touching_rules.rule_id,
        score_levels.score,
        score_levels.leads,
        score_levels.conversions
    from (select distinct goal_key, rule_id from rule_levels) as touching_rules -- noqa: LT09
    inner join score_levels on touching_rules.goal_key = score_levels.goal_key

    union all

    select
        goal_key,
        rule_id,
        score,
        -leads as leads,
        -conversions as conversions
    from rule_levels

    union all

    select
        goal_key,
        rule_id,
        score - points as score,
        leads,
        conversions
    from rule_levels

),

cumulated as (

    select
        goal_key,
        rule_id,
        sum(conversions) as conversions,
        sum(leads - conversions) as unconverted,
        sum(sum(leads - conversions)) over (
            partition by goal_key, rule_id
            order by score
            rows between unbounded preceding and current row
        ) as unconverted_up_to_here

    from moved

    group by goal_key, rule_id, score

),

-- As in int_score_ranking.
final as (

    select
        goal_key,
        rule_id,
        {{ divided(
            'sum(conversions * (2 * unconverted_up_to_here - unconverted))',
            'nullif(2 * sum(conversions) * sum(unconverted), 0)'
        ) }} as roc_auc

    from cumulated

    group by goal_key, rule_id

)

select * from final
