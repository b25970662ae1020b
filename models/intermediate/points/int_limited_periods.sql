{{ config(materialized='view') }}

-- Counted amount of a contact under a rule with limits and no decay: which days of a period count does not matter.

with

days as (

    select * from {{ ref('int_event_days') }}
    where limited_over = 'periods'

),

rules as (

    select * from {{ ref('stg_event_rules') }}

),

by_period as (

    select
        days.as_of_date,
        days.rule_key,
        days.contact_key,
        rules.max_times,
        min(days.age) as age,
        sum(days.matches) as matches,
        sum(days.amount) as amount,
        case
            when rules.max_per_period is null then sum(days.amount)
            else least(sum(days.amount), rules.max_per_period)
        end as kept
    from days

    inner join rules on days.rule_key = rules.rule_key

    group by
        days.as_of_date,
        days.rule_key,
        days.contact_key,
        rules.max_times,
        rules.max_per_period,
        {{ whole_divided('days.age', 'rules.period_days') }}

),

added_up as (

    select
        as_of_date,
        rule_key,
        contact_key,
        min(age) as age,
        sum(matches) as matches,
        sum(amount) as amount,
        case when max_times is null then sum(kept) else least(sum(kept), max_times) end as counted
    from by_period
    group by as_of_date, rule_key, contact_key, max_times

),

final as (

    select
        as_of_date,
        rule_key,
        contact_key,
        age,
        matches,
        {{ as_amount('amount') }} as amount,
        {{ as_amount('counted') }} as counted
    from added_up

)

select * from final
