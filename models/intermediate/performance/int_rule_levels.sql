{{ config(materialized='table') }}

with

outcomes as (

    select * from {{ ref('int_lead_outcomes') }}

),

rule_history as (

    select * from {{ ref('int_rule_history') }}

),

final as (

    select
        rule_history.model_id,
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

    group by rule_history.model_id, rule_history.rule_id, outcomes.score, rule_history.points

)

select * from final
