with

daily_events as (

    select * from {{ ref('int_daily_events') }}

),

windows as (

    select * from {{ ref('int_feature_windows') }}

),

dates as (

    select * from {{ ref('int_as_of_dates') }}

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
        looked_at.event_type,
        daily_events.contact_id,
        {{ days_between('daily_events.occurred_date', 'dates.as_of_date') }} as age,
        sum(daily_events.events) as events,
        sum(daily_events.seconds) as seconds,
        sum(daily_events.value) as value

    from daily_events

    inner join looked_at
        on looked_at.event_type is null or daily_events.event_type = looked_at.event_type

    inner join dates
        on
            daily_events.occurred_date <= dates.as_of_date
            and daily_events.known_date <= dates.as_of_date
            and (
                looked_at.within_days is null
                or {{ days_between('daily_events.occurred_date', 'dates.as_of_date') }} < looked_at.within_days
            )

    group by dates.as_of_date, looked_at.event_type, daily_events.contact_id, age

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
