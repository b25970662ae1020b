with

days as (

    select * from {{ ref('int_event_rule_days') }}

),

rules as (

    select * from {{ ref('int_event_rules') }}

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

    inner join rules on days.rule_id = rules.rule_id

    where
        rules.max_per_period is null
        and rules.max_times is null

),

limited as (

    select
        days.*,
        rules.max_per_period,
        rules.max_times,
        {{ floor_divided('days.age', 'rules.period_days') }} as period

    from days

    inner join rules on days.rule_id = rules.rule_id

    where
        rules.max_per_period is not null
        or rules.max_times is not null

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
        case
            when max_times is null then kept
            else least(running, max_times) - least(running - kept, max_times)
        end as counted

    from over_all

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
        {{ as_amount('counted') }} as counted

    from cut

)

select * from final
