{{ config(materialized='view') }}

with

days as (

    select * from {{ ref('int_counted_days') }}

),

decay_weights as (

    select * from {{ ref('int_decay_weights') }}

),

rules as (

    select * from {{ ref('int_event_rules') }}

),

added_up as (

    select
        days.as_of_date,
        days.rule_id,
        days.contact_id,
        sum(days.matches) as matches,
        min(days.age) as newest_age,
        {{ as_amount('sum(' ~ product('days.counted', 'decay_weights.weight') ~ ')') }} as x,
        {{ as_amount('sum(days.amount)') }} as undiminished_x

    from days

    inner join decay_weights
        on
            days.rule_id = decay_weights.rule_id
            and days.age = decay_weights.age

    group by days.as_of_date, days.rule_id, days.contact_id

),

scaled as (

    select
        added_up.as_of_date,
        added_up.contact_id,
        added_up.matches,
        added_up.newest_age,
        rules.*,
        case
            when rules.scale = 'log2' then {{ log2_of('1 + added_up.x') }}
            else added_up.x
        end as scaled_x,
        case
            when rules.scale = 'log2' then {{ log2_of('1 + added_up.undiminished_x') }}
            else added_up.undiminished_x
        end as scaled_undiminished_x

    from added_up

    inner join rules on added_up.rule_id = rules.rule_id

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
        model_id,
        contact_id,
        rule_id,
        rule_group,
        dimension,
        {{ as_count('matches') }} as matches,
        newest_age,
        {{ as_contribution(weighted('bounded_points', 'weight')) }} as points,
        {{ as_contribution(weighted('undiminished', 'weight')) }} as undiminished_points

    from given

)

select * from final
