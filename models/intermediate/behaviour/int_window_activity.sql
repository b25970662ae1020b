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

-- A window that takes all types of events needs a day once, not once for each type.
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
        sum(events) as events,
        sum(seconds) as seconds,
        sum(value) as value

    from daily_events

    group by contact_id, occurred_date, known_date

),

by_day as (

    select
        dates.as_of_date,
        windows.window_id,
        activity.contact_id,
        {{ days_between('activity.occurred_date', 'dates.as_of_date') }} as age,
        sum(activity.events) as events,
        sum(activity.seconds) as seconds,
        sum(activity.value) as value

    from activity

    inner join windows on activity.event_type is not distinct from windows.event_type

    inner join dates
        on
            activity.occurred_date <= dates.as_of_date
            and activity.known_date <= dates.as_of_date
            and (
                windows.within_days is null
                or {{ days_between('activity.occurred_date', 'dates.as_of_date') }} < windows.within_days
            )

    group by dates.as_of_date, windows.window_id, activity.contact_id, age

),

final as (

    select
        as_of_date,
        window_id,
        contact_id,
        sum(events) as events,
        count(*) as active_days,
        sum(seconds) as seconds,
        sum(value) as value,
        min(age) as days_since_last,
        max(age) as days_since_first

    from by_day

    group by as_of_date, window_id, contact_id

)

select * from final
