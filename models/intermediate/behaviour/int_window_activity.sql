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

visible as (

    select
        dates.as_of_date,
        windows.window_id,
        daily_events.*,
        {{ days_between('daily_events.occurred_date', 'dates.as_of_date') }} as age

    from daily_events

    inner join windows
        on windows.event_type is null or daily_events.event_type = windows.event_type

    inner join dates
        on
            daily_events.occurred_date <= dates.as_of_date
            and daily_events.known_date <= dates.as_of_date
            and (
                windows.within_days is null
                or {{ days_between('daily_events.occurred_date', 'dates.as_of_date') }} < windows.within_days
            )

),

final as (

    select
        as_of_date,
        window_id,
        contact_id,
        sum(events) as events,
        count(distinct occurred_date) as active_days,
        sum(seconds) as seconds,
        sum(value) as value,
        min(age) as days_since_last,
        max(age) as days_since_first

    from visible

    group by as_of_date, window_id, contact_id

)

select * from final
