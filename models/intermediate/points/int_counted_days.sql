{{ config(materialized='view') }}

with

days as (

    select * from {{ ref('int_event_rule_days') }}

),

limited_days as (

    select * from {{ ref('int_limited_days') }}

),

-- Rules without limits take a short way: running totals need an order, and that is what takes long.
unlimited as (

    select
        days.as_of_date,
        days.rule_id,
        days.contact_id,
        days.age,
        days.matches,
        days.amount,
        days.amount as counted

    from days

    where not days.has_limits

),

final as (

    select * from unlimited

    union all

    select
        as_of_date,
        rule_id,
        contact_id,
        age,
        matches,
        amount,
        counted

    from limited_days

)

select * from final
