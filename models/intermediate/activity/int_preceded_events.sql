-- Events that follow one of the after_event_type of a rule, and the as-of dates on which that is known
-- (docs/decisions/filters-count-from-the-date-they-are-known.md). Without such rules this reads nothing.

with

looked_at as (

    select after_key, {{ as_count('after_within_days') }} * 86400 as seconds, event_type as looks_for, false as is_earlier -- noqa
    from {{ ref('stg_event_rules') }}
    where after_key is not null
    union
    select after_key, {{ as_count('after_within_days') }} * 86400 as seconds, after_event_type as looks_for, true as is_earlier -- noqa
    from {{ ref('stg_event_rules') }}
    where after_key is not null

),

-- As in int_filter_candidates: an event is its contact's, and each survivor's from the merge on. An unresolved visitor owns its own.
owned as (

    select
        looked_at.*,
        events.event_key,
        events.actor_key,
        events.event_id,
        events.occurred_at,
        events.received_date,
        coalesce({{ time_bucket('events.occurred_at', 'looked_at.seconds') }}, 0) as bucket,
        coalesce(owners.contact_key, events.actor_key) as owner_key,
        greatest(events.occurred_date, events.received_date, owners.owned_from) as seen_date,
        greatest(events.occurred_date, events.received_date, owners.identified_date) as first_seen_date,
        filtered_events.filtered_date
    from {{ ref('int_unique_events') }} as events
    inner join looked_at on events.event_type = looked_at.looks_for
    left join {{ ref('int_owners') }} as owners on events.actor_key = owners.actor_key -- noqa: ST11
    left join {{ ref('int_filtered_events') }} as filtered_events
        on
            events.event_key = filtered_events.event_key
            and events.actor_key = filtered_events.actor_key
    where events.contact_id is null or owners.contact_id is not null

),

-- Without a limit of days the first of those that are seen on a date is enough.
earlier as (

    select after_key, owner_key, bucket, seen_date, filtered_date, min(occurred_at) as occurred_at -- noqa: LT09
    from owned
    where is_earlier
    group by after_key, owner_key, bucket, seen_date, filtered_date, case when seconds is not null then event_key end

),

-- Each in the two buckets that it reaches into.
found as (

    select distinct -- noqa: LT09
        later.after_key, later.event_key, later.actor_key, later.event_id, later.received_date, later.first_seen_date,
        greatest(later.seen_date, earlier.seen_date) as from_date,
        coalesce(earlier.filtered_date, {{ as_date("'9999-12-31'") }}) as until_date
    from earlier
    cross join {{ whole_numbers(2) }} as reach
    inner join owned as later
        on
            earlier.after_key = later.after_key
            and earlier.owner_key = later.owner_key
            and earlier.bucket + reach.number = later.bucket
            and earlier.occurred_at < later.occurred_at
    where
        not later.is_earlier
        and (later.seconds is null or {{ seconds_between('earlier.occurred_at', 'later.occurred_at') }} <= later.seconds)
        and coalesce(earlier.filtered_date > greatest(later.seen_date, earlier.seen_date), true)

),

-- The earlier event may be filtered before the next one is known: then the dates are in several stretches.
compared as (

    select
        *,
        max(until_date) over (
            partition by after_key, event_key, actor_key
            order by from_date, until_date
            rows between unbounded preceding and 1 preceding
        ) as reached_date
    from found

),

stretches as (

    select
        *,
        sum(case when from_date <= reached_date then 0 else 1 end) over (
            partition by after_key, event_key, actor_key
            order by from_date, until_date
            rows between unbounded preceding and current row
        ) as stretch
    from compared

),

-- From the first date on which the event counts for anybody it holds on all: so an identification changes no part of int_signal_days.
final as (

    select
        after_key,
        event_key,
        actor_key,
        event_id,
        received_date,
        case when min(from_date) > first_seen_date then min(from_date) end as holds_from,
        nullif(max(until_date), {{ as_date("'9999-12-31'") }}) as holds_until
    from stretches
    group by after_key, event_key, actor_key, event_id, received_date, first_seen_date, stretch

)

select * from final
