{{ config(materialized='table') }}

with

outcomes as (

    select * from {{ ref('int_lead_outcomes') }}
    where is_judged

),

calibration as (

    select * from {{ ref('int_calibration') }}
    where is_latest

),

rule_history as (

    select * from {{ ref('int_rule_history') }}

),

rules as (

    select
        *,
        {{ as_amount(product('points', 'weight')) }} as weighted_points

    from {{ ref('int_rules') }}

),

-- x is the points given divided by the rule's points, or 1 for a rule of 0 points.
measured as (

    select
        outcomes.goal_key,
        rule_history.rule_id,
        rule_history.contact_id,
        rule_history.points,
        calibration.score_bin,
        outcomes.is_converted,
        outcomes.is_converted - calibration.probability as residual,
        case
            when rules.weighted_points = 0 then 1
            else {{ as_amount(quotient('rule_history.points', 'nullif(rules.weighted_points, 0)')) }}
        end as x

    from rule_history

    inner join rules on rule_history.rule_id = rules.rule_id

    inner join outcomes
        on
            rule_history.as_of_date = outcomes.as_of_date
            and rule_history.model_id = outcomes.model_id
            and rule_history.contact_id = outcomes.contact_id

    left join calibration
        on
            outcomes.goal_key = calibration.goal_key
            and outcomes.score >= case when calibration.is_lowest then -99999999999999 else calibration.from_score end
            and outcomes.score < coalesce(calibration.below_score, 99999999999999.9999)

),

final as (

    select
        goal_key,
        rule_id,
        contact_id,
        score_bin,
        count(*) as leads,
        sum(is_converted) as conversions,
        sum(points) as points,
        sum(x) as x,
        sum({{ as_amount(product('x', 'x')) }}) as x_by_x,
        sum({{ as_amount(product('x', 'residual')) }}) as x_by_residual

    from measured

    group by goal_key, rule_id, contact_id, score_bin

)

select * from final
