{{ config(materialized='view') }}

-- Events that a filter looks at: those of its event type, for kind condition only those that meet the condition.

with

events as (

    select * from {{ ref('int_resolved_events') }}

),

filters as (

    select * from {{ ref('stg_event_filters') }}

),

-- An unresolved visitor is an owner of its own. greatest() ignores nulls.
final as (

    select
        filters.filter_id,
        filters.kind,
        filters.after_event_type,
        filters.seconds,
        filters.times,
        events.event_key,
        events.actor_key,
        coalesce(events.contact_key, events.actor_key) as owner_key,
        events.event_id,
        events.event_type,
        events.campaign,
        events.page_url,
        events.object_id,
        events.occurred_at,
        events.received_date,
        greatest(events.occurred_date, events.received_date, events.known_date) as seen_date

    from events

    inner join filters on filters.event_type is null or events.event_type = filters.event_type

    where
        filters.kind <> 'condition'
        or {{ condition_holds(event_property('events', 'filters.property'), 'filters.comparison', 'filters.operand') }}

)

select * from final
