{{ config(materialized='view') }}

-- Stretches of time in which an owner has enough different events for a burst, each from the date on which enough were known.

with

events as (

    select
        filter_id,
        owner_key,
        object_id,
        page_url,
        occurred_at,
        seen_date,
        seconds,
        times,
        {{ time_bucket('occurred_at', 'seconds') }} as bucket,
        row_number() over (partition by filter_id, owner_key order by occurred_at) as event_number
    from {{ ref('int_filter_candidates') }}
    where kind = 'burst'

),

-- A burst begins with an event. Few events are followed by enough others in time.
begins as (

    select distinct
        first_events.filter_id,
        first_events.owner_key,
        first_events.occurred_at as begins_at,
        first_events.seconds,
        first_events.times

    from events as first_events

    inner join events as last_events
        on
            first_events.filter_id = last_events.filter_id
            and first_events.owner_key = last_events.owner_key
            and first_events.event_number + first_events.times - 1 = last_events.event_number

    where {{ seconds_between('first_events.occurred_at', 'last_events.occurred_at') }} <= first_events.seconds

),

-- Each in the two buckets that it reaches into. Joined by time alone, all events of an owner would be compared with each other.
begins_by_bucket as (

    select *, {{ time_bucket('begins_at', 'seconds') }} as bucket from begins -- noqa: LT09

    union all

    select *, {{ time_bucket('begins_at', 'seconds') }} + 1 as bucket from begins -- noqa: LT09

),

-- Events that differ in neither object_id nor page_url count once, from the first date on which one of them was known.
different_events as (

    select
        begins.filter_id,
        begins.owner_key,
        begins.begins_at,
        begins.seconds,
        begins.times,
        min(events.seen_date) as seen_date

    from begins_by_bucket as begins

    inner join events
        on
            begins.filter_id = events.filter_id
            and begins.owner_key = events.owner_key
            and begins.bucket = events.bucket
            and begins.begins_at <= events.occurred_at

    where {{ seconds_between('begins.begins_at', 'events.occurred_at') }} <= begins.seconds

    group by
        begins.filter_id,
        begins.owner_key,
        begins.begins_at,
        begins.seconds,
        begins.times,
        events.object_id,
        events.page_url

),

numbered as (

    select
        *,
        row_number() over (partition by filter_id, owner_key, begins_at order by seen_date) as event_number
    from different_events

),

final as (

    select
        filter_id,
        owner_key,
        begins_at,
        seconds,
        seen_date as known_date
    from numbered
    where event_number = times

)

select * from final
