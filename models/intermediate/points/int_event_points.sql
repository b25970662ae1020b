{{ config(materialized='view') }}

with

days as (

    select * from {{ ref('int_event_days') }}
    where limited_over = 'none'

),

limited_days as (

    select * from {{ ref('int_limited_days') }}

),

limited_periods as (

    select * from {{ ref('int_limited_periods') }}

),

decay_weights as (

    select * from {{ ref('int_decay_weights') }}

),

rules as (

    select * from {{ ref('stg_event_rules') }}

),

counted_days as (

    select
        as_of_date,
        rule_key,
        contact_key,
        age,
        matches,
        amount,
        amount as counted
    from days

    union all

    select * from limited_days

    union all

    select * from limited_periods

),

added_up as (

    select
        counted_days.as_of_date,
        counted_days.rule_key,
        counted_days.contact_key,
        sum(counted_days.matches) as matches,
        min(counted_days.age) as newest_age,
        {{ as_amount('sum(' ~ product('counted_days.counted', 'decay_weights.weight') ~ ')') }} as x,
        {{ as_amount('sum(counted_days.amount)') }} as undiminished_x
    from counted_days
    inner join decay_weights
        on
            counted_days.rule_key = decay_weights.rule_key
            and counted_days.age = decay_weights.age
    group by counted_days.as_of_date, counted_days.rule_key, counted_days.contact_key

),

scaled as (

    select
        added_up.as_of_date,
        added_up.contact_key,
        added_up.matches,
        added_up.newest_age,
        rules.*,
        case when rules.scale = 'log2' then {{ log2_of('1 + added_up.x') }} else added_up.x end as scaled_x,
        case
            when rules.scale = 'log2' then {{ log2_of('1 + added_up.undiminished_x') }} else added_up.undiminished_x
        end as scaled_undiminished_x
    from added_up
    inner join rules on added_up.rule_key = rules.rule_key
    where rules.min_times is null or added_up.matches >= rules.min_times

),

given as (

    select
        *,
        greatest(least({{ product('scaled_x', 'points') }}, max_points), min_points) as bounded_points,
        {{ product('scaled_undiminished_x', 'points') }} as undiminished
    from scaled

),

final as (

    select
        as_of_date,
        contact_key,
        rule_key,
        {{ as_count('matches') }} as matches,
        newest_age,
        {{ as_contribution(weighted('bounded_points', 'weight')) }} as points,
        {{ as_contribution(weighted('undiminished', 'weight')) }} as undiminished_points
    from given

)

select * from final
