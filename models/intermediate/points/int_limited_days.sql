{{ config(materialized='view') }}

with

days as (

    select * from {{ ref('int_event_rule_days') }}

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

    where limited_over = 'more days'

    group by as_of_date, rule_id, contact_id, age

),

limited as (

    select
        added_up.*,
        rules.max_per_period,
        rules.max_times,
        {{ whole_divided('added_up.age', 'rules.period_days') }} as period

    from added_up

    inner join rules on added_up.rule_id = rules.rule_id

),

-- Newest days first: a day counts what its period's running total has grown by, up to the limit.
within_period as (

    select
        *,
        sum(amount) over (
            partition by as_of_date, rule_id, contact_id, period
            order by age
            rows between unbounded preceding and current row
        ) as running_in_period

    from limited

),

cut_by_period as (

    select
        *,
        case
            when max_per_period is null then amount
            else
                least(running_in_period, max_per_period)
                - least(running_in_period - amount, max_per_period)
        end as kept

    from within_period

),

over_all as (

    select
        *,
        sum(kept) over (
            partition by as_of_date, rule_id, contact_id
            order by age
            rows between unbounded preceding and current row
        ) as running

    from cut_by_period

),

cut as (

    select
        as_of_date,
        rule_id,
        contact_id,
        age,
        matches,
        amount,
        {{ as_amount('least(running, max_times) - least(running - kept, max_times)') }} as cut_over_all,
        {{ as_amount('kept') }} as kept,
        max_times

    from over_all

),

final as (

    select
        as_of_date,
        rule_id,
        contact_id,
        age,
        matches,
        amount,
        case when max_times is null then kept else cut_over_all end as counted

    from cut

)

select * from final
