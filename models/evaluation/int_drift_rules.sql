{{ config(materialized='table') }}

with

rule_history as (

    select * from {{ ref('int_rule_history') }}

),

evaluated_dates as (

    select * from {{ ref('int_evaluated_dates') }}
    where is_recent

),

final as (

    select
        rule_history.model_id,
        rule_history.rule_id,
        evaluated_dates.period,
        count(*) as leads

    from rule_history

    inner join evaluated_dates
        on
            rule_history.as_of_date = evaluated_dates.as_of_date
            and rule_history.model_id = evaluated_dates.model_id

    group by rule_history.model_id, rule_history.rule_id, evaluated_dates.period

)

select * from final
