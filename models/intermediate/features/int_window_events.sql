{{ config(materialized='view') }}

-- What features look at event by event: sessions and objects.

with

events as (

    select * from {{ ref('int_events') }}
    where contact_key is not null

),

windows as (

    select * from {{ ref('int_feature_windows') }}
    where counts_sessions or counts_objects

),

dates as (

    select * from {{ ref('int_as_of_dates') }}

),

visible as (

    select
        dates.as_of_date,
        windows.window_id,
        windows.counts_sessions,
        windows.counts_objects,
        events.contact_key,
        events.object_id,
        events.occurred_at,
        events.occurred_date

    from events

    inner join windows
        on windows.event_type is null or events.event_type = windows.event_type

    inner join dates
        on
            events.occurred_date <= dates.as_of_date
            and events.known_date <= dates.as_of_date
            and (
                windows.within_days is null
                or {{ days_between('events.occurred_date', 'dates.as_of_date') }} < windows.within_days
            )

),

followed as (

    select
        as_of_date,
        window_id,
        contact_key,
        occurred_at,
        lag(occurred_at) over (
            partition by as_of_date, window_id, contact_key
            order by occurred_at
        ) as previous_occurred_at

    from visible

    where counts_sessions

),

objects as (

    select
        as_of_date,
        window_id,
        contact_key,
        object_id,
        count(distinct occurred_date) as days_seen

    from visible

    where
        counts_objects
        and object_id is not null

    group by as_of_date, window_id, contact_key, object_id

),

final as (

    select
        as_of_date,
        window_id,
        contact_key,
        'sessions' as feature,
        count(*) as value

    from followed

    where
        previous_occurred_at is null
        or {{ seconds_between('previous_occurred_at', 'occurred_at') }} > 1800

    group by as_of_date, window_id, contact_key

    union all

    select
        as_of_date,
        window_id,
        contact_key,
        'distinct_objects' as feature,
        count(*) as value

    from objects

    group by as_of_date, window_id, contact_key

    union all

    select
        as_of_date,
        window_id,
        contact_key,
        'returned_objects' as feature,
        count(*) as value

    from objects

    where days_seen >= 2

    group by as_of_date, window_id, contact_key

)

select * from final
