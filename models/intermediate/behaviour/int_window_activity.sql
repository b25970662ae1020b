with

daily_events as (

    select * from {{ ref('int_daily_events') }}

),

events_of_any_type as (

    select * from {{ ref('int_daily_events') }}

),

windows as (

    select * from {{ ref('int_feature_windows') }}

),

dates as (

    select * from {{ ref('int_as_of_dates') }}

),

activity as (

    select
        contact_id,
        event_type,
        occurred_date,
        known_date,
        events,
        seconds,
        value

    from daily_events

    union all

    select
        contact_id,
        {{ as_text('null') }} as event_type,
        occurred_date,
        known_date,
        events,
        seconds,
        value

    from events_of_any_type

),

-- How far back windows look for a type of events, or for all types together; null where one has no end.
looked_at as (

    select
        event_type,
        case when count(*) = count(within_days) then max(within_days) end as within_days

    from windows

    group by event_type

),

-- A day once, for all windows that it lies in.
by_day as (

    select
        dates.as_of_date,
        activity.event_type,
        activity.contact_id,
        {{ days_between('activity.occurred_date', 'dates.as_of_date') }} as age,
        sum(activity.events) as events,
        sum(activity.seconds) as seconds,
        sum(activity.value) as value

    from activity

    inner join looked_at on activity.event_type is not distinct from looked_at.event_type

    inner join dates
        on
            activity.occurred_date <= dates.as_of_date
            and activity.known_date <= dates.as_of_date
            and (
                looked_at.within_days is null
                or {{ days_between('activity.occurred_date', 'dates.as_of_date') }} < looked_at.within_days
            )

    group by dates.as_of_date, activity.event_type, activity.contact_id, age

),

final as (

    select
        by_day.as_of_date,
        windows.window_id,
        by_day.contact_id,
        sum(by_day.events) as events,
        count(*) as active_days,
        sum(by_day.seconds) as seconds,
        sum(by_day.value) as value,
        min(by_day.age) as days_since_last,
        max(by_day.age) as days_since_first

    from by_day

    inner join windows
        on
            by_day.event_type is not distinct from windows.event_type
            and (windows.within_days is null or by_day.age < windows.within_days)

    group by by_day.as_of_date, windows.window_id, by_day.contact_id

)

select * from final
