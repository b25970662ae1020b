{{ config(materialized='view') }}

with

days as (

    select * from {{ ref('int_event_rule_days') }}
    where limited_over = 'none'

),

capped_days as (

    select * from {{ ref('int_capped_days') }}

),

limited_days as (

    select * from {{ ref('int_limited_days') }}

),

-- Each kind of limit has its way: running totals need an order, and that is what takes long.
final as (

    select
        as_of_date,
        rule_id,
        contact_id,
        age,
        matches,
        amount,
        amount as counted

    from days

    union all

    select
        as_of_date,
        rule_id,
        contact_id,
        age,
        matches,
        amount,
        counted

    from capped_days

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
