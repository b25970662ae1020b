with

goals as (

    select * from {{ ref('int_conversion_goals') }}

),

events as (

    select * from {{ ref('int_events') }}
    where
        contact_id is not null
        and event_type in (select goals.eligible_event_type from goals)

),

outcomes as (

    select * from {{ ref('int_outcomes') }}

),

-- An event without a duration runs for the goal's eligible_within_days, or without end.
running as (

    select
        goals.goal_key,
        events.contact_id,
        greatest(events.occurred_date, events.known_date) as from_date,
        case
            when events.duration_seconds is not null
                then {{ as_date(add_time('events.occurred_at', whole_part('least(events.duration_seconds, 1000000000)'), 'second')) }}
            else {{ add_days('events.occurred_date', 'goals.eligible_within_days') }}
        end as until_date,
        events.filtered_date

    from goals

    inner join events on goals.eligible_event_type = events.event_type

    where goals.eligible = 'event_running'

),

-- An event is open until an outcome that ends it.
open_events as (

    select
        goals.goal_key,
        events.contact_id,
        greatest(events.occurred_date, events.known_date) as from_date,
        min(outcomes.known_date) as until_date,
        events.filtered_date

    from goals

    inner join events on goals.eligible_event_type = events.event_type

    left join outcomes
        on
            events.contact_id = outcomes.contact_id
            and events.occurred_at <= outcomes.occurred_at
            and outcomes.outcome in ('won', 'lost', 'disqualified')

    where goals.eligible = 'event_open'

    group by goals.goal_key, events.contact_id, events.event_id, events.occurred_date, events.known_date, events.filtered_date

),

periods as (

    select * from running

    union all

    select * from open_events

),

-- A filtered event counts until its filtered_date; least() ignores nulls.
final as (

    select
        goal_key,
        contact_id,
        from_date,
        least(until_date, filtered_date) as until_date
    from periods

)

select * from final
