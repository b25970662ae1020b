{{ config(materialized='view') }}

-- Features that need single events: sessions and objects.

with

events as (

    select * from {{ ref('int_events') }}
    where contact_key is not null

),

windows as (

    select distinct
        window_id,
        feature,
        event_type,
        within_days
    from {{ ref('stg_activity_rules') }}
    where feature in ('sessions', 'distinct_objects', 'returned_objects')

),

dates as (

    select * from {{ ref('int_as_of_dates') }}

),

visible as (

    select
        dates.as_of_date,
        windows.window_id,
        windows.feature,
        events.contact_key,
        events.object_id,
        events.occurred_at,
        events.occurred_date

    from events
    inner join windows
        on
            (windows.event_type is null or events.event_type = windows.event_type)
            and (windows.feature = 'sessions' or events.object_id is not null)
    inner join dates
        on
            events.occurred_date <= dates.as_of_date
            and events.known_date <= dates.as_of_date
            and (events.filtered_date is null or events.filtered_date > dates.as_of_date)
            and (
                windows.within_days is null
                or {{ days_between('events.occurred_date', 'dates.as_of_date') }} < windows.within_days
            )

),

followed as (

    select
        *,
        lag(occurred_at) over (partition by as_of_date, window_id, contact_key order by occurred_at) as previous_occurred_at
    from visible
    where feature = 'sessions'

),

objects as (

    select
        as_of_date,
        window_id,
        contact_key,
        feature,
        object_id
    from visible
    where feature <> 'sessions'
    group by as_of_date, window_id, contact_key, feature, object_id
    having feature = 'distinct_objects' or count(distinct occurred_date) >= 2

),

counted as (

    select
        as_of_date,
        window_id,
        contact_key,
        feature
    from followed
    where
        previous_occurred_at is null
        or {{ seconds_between('previous_occurred_at', 'occurred_at') }} > 1800

    union all

    select as_of_date, window_id, contact_key, feature from objects -- noqa: LT09

),

final as (

    select
        as_of_date,
        window_id,
        contact_key,
        feature,
        count(*) as value
    from counted
    group by as_of_date, window_id, contact_key, feature

)

select * from final
