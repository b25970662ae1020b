{{ config(materialized='view') }}

-- Events that a filter looks at: those of its event type, for kind condition only those that meet the condition. An event
-- is a candidate of its contact, and of each survivor of merges from the merge on.

with

events as (

    select
        *,
        -- An unresolved visitor is an owner of its own. greatest() ignores nulls.
        coalesce(contact_key, actor_key) as owner_key,
        greatest(occurred_date, received_date, known_date) as seen_date,
        greatest(occurred_date, received_date, identified_date) as first_seen_date
    from {{ ref('int_resolved_events') }}

),

filters as (

    select
        filter_id,
        event_type as looks_at,
        kind,
        property,
        comparison,
        operand,
        after_event_type,
        seconds,
        times
    from {{ ref('stg_event_filters') }}

),

named_lists as ( -- noqa: ST03

    select * from {{ ref('stg_reference_lists') }}
    where list in (select filters.operand from filters)

),

-- Filters without an event type are apart, so that the others are joined by it.
pairs as (

    select
        filters.*,
        events.*

    from events

    inner join filters on events.event_type = filters.looks_at

    union all

    select
        filters.*,
        events.*

    from events

    cross join filters

    where filters.looks_at is null

),

final as (

    select
        pairs.filter_id,
        pairs.kind,
        pairs.after_event_type,
        pairs.seconds,
        pairs.times,
        pairs.event_key,
        pairs.actor_key,
        pairs.owner_key,
        pairs.event_id,
        pairs.event_type,
        pairs.campaign,
        pairs.page_url,
        pairs.object_id,
        pairs.occurred_at,
        pairs.received_date,
        pairs.seen_date,
        pairs.first_seen_date

    from pairs

    where
        pairs.kind <> 'condition'
        or {{ condition_holds(event_property('pairs', 'pairs.property'), 'pairs.comparison', 'pairs.operand', 'named_lists') }}

)

select * from final
