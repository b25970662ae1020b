-- Filtered events, each with its filter and the first as-of date on which the event does not count: the date on which all events that the
-- filter needs were known (docs/decisions/filters-count-from-the-date-they-are-known.md).

with

candidates as (

    select * from {{ ref('int_filter_candidates') }}

),

events as (

    select
        *,
        coalesce(contact_key, actor_key) as owner_key,
        greatest(occurred_date, received_date, known_date) as seen_date
    from {{ ref('int_resolved_events') }}
    where event_type in (select filters.after_event_type from {{ ref('stg_event_filters') }} as filters)

),

burst_windows as (

    select * from {{ ref('int_burst_windows') }}

),

too_fast as (

    select
        candidates.*,
        greatest(candidates.seen_date, events.seen_date) as filtered_date

    from candidates

    inner join events
        on
            candidates.owner_key = events.owner_key
            and candidates.after_event_type = events.event_type
            and candidates.occurred_at >= events.occurred_at
            and candidates.event_key <> events.event_key
            and coalesce(candidates.campaign = events.campaign, true)

    where
        candidates.kind = 'too_fast'
        and {{ seconds_between('events.occurred_at', 'candidates.occurred_at') }} <= candidates.seconds

),

bursts as (

    select
        candidates.*,
        greatest(candidates.seen_date, burst_windows.known_date) as filtered_date

    from candidates

    inner join burst_windows
        on
            candidates.filter_id = burst_windows.filter_id
            and candidates.owner_key = burst_windows.owner_key
            and candidates.occurred_at >= burst_windows.begins_at

    where {{ seconds_between('burst_windows.begins_at', 'candidates.occurred_at') }} <= burst_windows.seconds

),

found as (

    select *, seen_date as filtered_date from candidates -- noqa: LT09
    where kind = 'condition'

    union all

    select * from too_fast

    union all

    select * from bursts

),

-- The filter that holds first is named. Of one person's events more are together later, so an event stays filtered.
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
