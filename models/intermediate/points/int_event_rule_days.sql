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
        rules.within_days

    from dates

    inner join rules
        on
            (rules.valid_from is null or dates.as_of_date >= rules.valid_from)
            and (rules.valid_to is null or dates.as_of_date < rules.valid_to)

),

-- What was known on the as-of date about the days up to it.
visible as (

    select
        rules_in_force.as_of_date,
        rules_in_force.rule_id,
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

),

final as (

    select
        as_of_date,
        rule_id,
        contact_id,
        age,
        sum(matches) as matches,
        {{ as_amount('sum(amount)') }} as amount

    from visible

    group by as_of_date, rule_id, contact_id, age

)

select * from final
