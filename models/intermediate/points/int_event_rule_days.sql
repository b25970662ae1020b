{{ config(materialized='view') }}

with

activity as (

    select * from {{ ref('int_activity') }}

),

rules as (

    select * from {{ ref('int_event_rules') }}

),

dates as (

    select * from {{ ref('int_as_of_dates') }}

),

rules_in_force as (

    select
        dates.as_of_date,
        rules.rule_id,
        rules.signal_id,
        rules.within_days,
        rules.max_per_period is not null or rules.max_times is not null as has_limits

    from dates

    inner join rules
        on
            (rules.valid_from is null or dates.as_of_date >= rules.valid_from)
            and (rules.valid_to is null or dates.as_of_date < rules.valid_to)

),

-- What was known on the as-of date about the days up to it.
final as (

    select
        rules_in_force.as_of_date,
        rules_in_force.rule_id,
        rules_in_force.has_limits,
        activity.contact_id,
        {{ days_between('activity.occurred_date', 'rules_in_force.as_of_date') }} as age,
        activity.matches,
        activity.amount

    from activity

    inner join rules_in_force
        on
            activity.signal_id = rules_in_force.signal_id
            and activity.occurred_date <= rules_in_force.as_of_date
            and activity.known_date <= rules_in_force.as_of_date
            and (
                rules_in_force.within_days is null
                or {{ days_between('activity.occurred_date', 'rules_in_force.as_of_date') }} < rules_in_force.within_days
            )

)

select * from final
