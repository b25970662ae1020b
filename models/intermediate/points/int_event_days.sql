{{ config(materialized='view') }}

with

signal_days as (

    select * from {{ ref('int_signal_days') }}

),

owners as (

    select * from {{ ref('int_owners') }}

),

rules as (

    select * from {{ ref('stg_event_rules') }}

),

dates as (

    select * from {{ ref('int_as_of_dates') }}

),

rules_in_force as (

    select
        dates.as_of_date,
        rules.rule_key,
        rules.signal_key,
        rules.within_days,
        case
            when rules.max_times is null and rules.max_per_period is null then 'none'
            when rules.decay = 'none' then 'periods'
            when rules.max_times is null and rules.period_days = 1 then 'a day'
            else 'more days'
        end as limited_over

    from dates

    inner join rules
        on
            (rules.valid_from is null or dates.as_of_date >= rules.valid_from)
            and (rules.valid_to is null or dates.as_of_date < rules.valid_to)

),

-- Only what was known on the as-of date.
final as (

    select
        rules_in_force.as_of_date,
        rules_in_force.rule_key,
        rules_in_force.limited_over,
        owners.contact_key,
        {{ days_between('signal_days.occurred_date', 'rules_in_force.as_of_date') }} as age,
        signal_days.matches,
        signal_days.amount

    from signal_days

    inner join owners on signal_days.actor_key = owners.actor_key

    inner join rules_in_force
        on
            signal_days.signal_key = rules_in_force.signal_key
            and signal_days.occurred_date <= rules_in_force.as_of_date
            and greatest(signal_days.received_date, owners.owned_from) <= rules_in_force.as_of_date
            and (signal_days.filtered_date is null or signal_days.filtered_date > rules_in_force.as_of_date)
            and {{ holds_on('signal_days', 'rules_in_force.as_of_date') }}
            and (
                rules_in_force.within_days is null
                or {{ days_between('signal_days.occurred_date', 'rules_in_force.as_of_date') }} < rules_in_force.within_days
            )

)

select * from final
