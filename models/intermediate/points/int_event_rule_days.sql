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
        case
            when rules.max_times is null and rules.max_per_period is null then 'none'
            when rules.max_times is null and rules.period_days = 1 then 'a day'
            else 'more days'
        end as limited_over

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
        rules_in_force.limited_over,
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
