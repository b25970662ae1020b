{{ config(materialized='view') }}

-- An event counts until its filtered_date. The key and the actor together identify it: a join by its text takes twice as long.

with

events as (

    select * from {{ ref('int_unique_events') }}

),

owners as (

    select * from {{ ref('int_owners') }}

),

filtered_events as (

    select * from {{ ref('int_filtered_events') }}

),

-- greatest() ignores nulls: an event that names its contact needs no identification.
-- Events of unknown contacts are excluded. Events of unidentified visitors are unresolved: their contact is null.
final as (

    select
        events.event_id,
        owners.contact_key,
        owners.contact_id,
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
        case
            when owners.contact_id is not null then greatest(events.received_date, owners.owned_from)
        end as known_date,
        filtered_events.filtered_date,
        filtered_events.filter_id,
        coalesce(owners.is_inherited, false) as is_inherited

    from events

    left join owners on events.actor_key = owners.actor_key

    left join filtered_events
        on
            events.event_key = filtered_events.event_key
            and events.actor_key = filtered_events.actor_key

    where
        events.contact_id is null
        or owners.contact_id is not null

)

select * from final
