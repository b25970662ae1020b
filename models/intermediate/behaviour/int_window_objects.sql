with

events as (

    select * from {{ ref('int_events') }}
    where
        contact_id is not null
        and object_id is not null

),

windows as (

    select * from {{ ref('int_feature_windows') }}
    where counts_objects

),

dates as (

    select * from {{ ref('int_as_of_dates') }}

),

objects as (

    select
        dates.as_of_date,
        windows.window_id,
        events.contact_id,
        events.object_id,
        count(distinct events.occurred_date) as days_seen

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

    group by dates.as_of_date, windows.window_id, events.contact_id, events.object_id

),

final as (

    select
        as_of_date,
        window_id,
        contact_id,
        count(*) as distinct_objects,
        sum(case when days_seen >= 2 then 1 else 0 end) as returned_objects

    from objects

    group by as_of_date, window_id, contact_id

)

select * from final
