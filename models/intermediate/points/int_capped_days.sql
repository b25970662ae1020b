{{ config(materialized='view') }}

with

days as (

    select * from {{ ref('int_event_rule_days') }}
    where limited_over = 'a day'

),

rules as (

    select * from {{ ref('int_event_rules') }}

),

-- A day's amount is one, whenever its events became known.
added_up as (

    select
        as_of_date,
        rule_id,
        contact_id,
        age,
        sum(matches) as matches,
        {{ as_amount('sum(amount)') }} as amount

    from days

    group by as_of_date, rule_id, contact_id, age

),

final as (

    select
        added_up.as_of_date,
        added_up.rule_id,
        added_up.contact_id,
        added_up.age,
        added_up.matches,
        added_up.amount,
        least(added_up.amount, rules.max_per_period) as counted

    from added_up

    inner join rules on added_up.rule_id = rules.rule_id

)

select * from final
