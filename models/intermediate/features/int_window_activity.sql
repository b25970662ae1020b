{{ config(materialized='view') }}

with

contact_days as (

    select * from {{ ref('int_contact_days') }}

),

windows as (

    select distinct
        window_id,
        event_type,
        {{ hash_number(['event_type']) }} as signal_key,
        within_days
    from {{ ref('stg_activity_rules') }}

),

dates as (

    select * from {{ ref('int_as_of_dates') }}

),

-- Longest window per event type, or for all types together; null if a window is unlimited.
looked_at as (

    select
        event_type,
        signal_key,
        case when count(*) = count(within_days) then max(within_days) end as within_days

    from windows

    group by event_type, signal_key

),

-- Each day once, for all windows that contain it.
by_day as (

    select
        dates.as_of_date,
        looked_at.event_type,
        contact_days.contact_key,
        {{ days_between('contact_days.occurred_date', 'dates.as_of_date') }} as age,
        sum(contact_days.matches) as events,
        sum(contact_days.seconds) as seconds,
        sum(contact_days.value) as value

    from contact_days

    inner join looked_at
        on looked_at.event_type is null or contact_days.signal_key = looked_at.signal_key

    inner join dates
        on
            contact_days.occurred_date <= dates.as_of_date
            and contact_days.known_date <= dates.as_of_date
            and (contact_days.filtered_date is null or contact_days.filtered_date > dates.as_of_date)
            and (
                looked_at.within_days is null
                or {{ days_between('contact_days.occurred_date', 'dates.as_of_date') }} < looked_at.within_days
            )

    group by dates.as_of_date, looked_at.event_type, contact_days.contact_key, age

),

final as (

    select
        by_day.as_of_date,
        windows.window_id,
        by_day.contact_key,
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

    group by by_day.as_of_date, windows.window_id, by_day.contact_key

)

select * from final
