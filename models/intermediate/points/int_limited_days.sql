{{ config(materialized='view') }}

-- Amount counted per day under a rule's limits with decay: newest days first, per period, then over all periods.

with

days as (

    select * from {{ ref('int_event_days') }}
    where limited_over in ('a day', 'more days')

),

rules as (

    select * from {{ ref('stg_event_rules') }}

),

-- One amount per day, whenever its events became known.
by_day as (

    select
        as_of_date,
        rule_key,
        limited_over,
        contact_key,
        age,
        sum(matches) as matches,
        {{ as_amount('sum(amount)') }} as amount
    from days
    group by as_of_date, rule_key, limited_over, contact_key, age

),

limited as (

    select
        by_day.*,
        rules.max_per_period,
        rules.max_times,
        {{ whole_divided('by_day.age', 'rules.period_days') }} as period
    from by_day

    inner join rules on by_day.rule_key = rules.rule_key

),

-- A day counts the growth of its period's running total, up to the limit.
within_period as (

    select
        *,
        sum(amount) over (
            partition by as_of_date, rule_key, contact_key, period
            order by age
            rows between unbounded preceding and current row
        ) as running
    from limited
    where limited_over = 'more days'

),

cut_by_period as (

    select
        *,
        case
            when max_per_period is null then amount
            else least(running, max_per_period) - least(running - amount, max_per_period)
        end as kept
    from within_period

),

over_all as (

    select
        *,
        sum(kept) over (
            partition by as_of_date, rule_key, contact_key
            order by age
            rows between unbounded preceding and current row
        ) as running_over_all
    from cut_by_period

),

final as (

    select
        as_of_date,
        rule_key,
        contact_key,
        age,
        matches,
        amount,
        {{ as_amount(
            'case when max_times is null then kept else least(running_over_all, max_times) - least(running_over_all - kept, max_times) end'
        ) }} as counted
    from over_all

    union all

    -- One-day limits need no running totals, which are slow.
    select
        as_of_date,
        rule_key,
        contact_key,
        age,
        matches,
        amount,
        least(amount, max_per_period) as counted
    from limited
    where limited_over = 'a day'

)

select * from final
