{{ config(materialized='view') }}

-- An event counts until its filtered_date. The key and the actor together identify it: a join by its text takes twice as long.

with

events as (

    select * from {{ ref('int_resolved_events') }}

),

filtered_events as (

    select * from {{ ref('int_filtered_events') }}

),

final as (

    select
        events.event_id,
        events.contact_key,
        events.contact_id,
        events.anonymous_id,
        events.event_type,
        events.channel,
        events.campaign,
        events.page_url,
        events.object_id,
        events.duration_seconds,
        events.value,
        events.occurred_at,
        events.received_at,
        events.occurred_date,
        events.received_date,
        events.known_date,
        filtered_events.filtered_date,
        filtered_events.filter_id,
        events.is_inherited

    from events

    left join filtered_events
        on
            events.event_key = filtered_events.event_key
            and events.actor_key = filtered_events.actor_key

)

select * from final
