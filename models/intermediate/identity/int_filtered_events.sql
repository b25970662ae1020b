-- Filtered events, each with its filter and the first as-of date on which the event does not count: the date on which all events that the
-- filter needs were known (docs/decisions/filters-count-from-the-date-they-are-known.md).

with

conditions as (

    select * from {{ ref('int_filter_candidates') }}
    where kind = 'condition'

),

candidates as (

    select
        *,
        {{ time_bucket('occurred_at', 'seconds') }} as bucket
    from {{ ref('int_filter_candidates') }}
    where kind in ('too_fast', 'burst')

),

-- What events of an owner are filtered after, for `seconds`: an event that they are too fast after, or the begin of a burst.
causes as (

    select
        filter_id,
        owner_key,
        event_key,
        campaign,
        occurred_at,
        seconds,
        seen_date as known_date
    from {{ ref('int_filter_candidates') }}
    where kind = 'before'

    union all

    select filter_id, owner_key, null as event_key, null as campaign, begins_at as occurred_at, seconds, known_date -- noqa: LT09
    from {{ ref('int_burst_windows') }}

),

-- Each in the two buckets that it reaches into. Joined by time alone, all events of an owner would be compared with each other.
causes_by_bucket as (

    select *, {{ time_bucket('occurred_at', 'seconds') }} as bucket from causes -- noqa: LT09

    union all

    select *, {{ time_bucket('occurred_at', 'seconds') }} + 1 as bucket from causes -- noqa: LT09

),

caused as (

    select
        candidates.*,
        greatest(candidates.seen_date, causes.known_date) as filtered_date

    from causes_by_bucket as causes

    inner join candidates
        on
            causes.filter_id = candidates.filter_id
            and causes.owner_key = candidates.owner_key
            and causes.bucket = candidates.bucket
            and causes.occurred_at <= candidates.occurred_at
            and coalesce(causes.event_key <> candidates.event_key, true)
            and coalesce(causes.campaign = candidates.campaign, true)

    where {{ seconds_between('causes.occurred_at', 'candidates.occurred_at') }} <= candidates.seconds

),

found as (

    select *, null as bucket, seen_date as filtered_date from conditions -- noqa: LT09

    union all

    select * from caused

),

-- The filter that holds first is named. A merge only adds events to a person, so a filtered event stays filtered.
numbered as (

    select
        *,
        row_number() over (partition by event_key, actor_key order by filtered_date, filter_id) as place
    from found

),

-- An event that is filtered as soon as it is known never counts. Its date is that of its receipt, so that an identification changes no part
-- of int_signal_days.
final as (

    select
        event_key,
        actor_key,
        event_id,
        event_type,
        received_date,
        filter_id,
        case when filtered_date <= first_seen_date then received_date else filtered_date end as filtered_date

    from numbered

    where place = 1

)

select * from final
