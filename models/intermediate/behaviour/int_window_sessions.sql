with

events as (

    select * from {{ ref('int_events') }}
    where contact_id is not null

),

windows as (

    select * from {{ ref('int_feature_windows') }}
    where counts_sessions

),

dates as (

    select * from {{ ref('int_as_of_dates') }}

),

visible as (

    select
        dates.as_of_date,
        windows.window_id,
        events.contact_id,
        events.occurred_at,
        lag(events.occurred_at) over (
            partition by dates.as_of_date, windows.window_id, events.contact_id
            order by events.occurred_at
        ) as previous_occurred_at

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

final as (

    select
        as_of_date,
        window_id,
        contact_id,
        count(*) as sessions

    from visible

    where
        previous_occurred_at is null
        or {{ seconds_between('previous_occurred_at', 'occurred_at') }} > 1800

    group by as_of_date, window_id, contact_id

)

select * from final
