{{ config(materialized='view') }}

with

events as (

    select * from {{ ref('int_unique_events') }}

),

actors as (

    select * from {{ ref('int_actors') }}

),

-- greatest() ignores nulls: an event that names its contact needs no identification.
-- Events of unknown contacts are excluded. Events of unidentified visitors are unresolved: their contact is null.
final as (

    select
        events.event_key,
        events.actor_key,
        events.event_id,
        actors.contact_key,
        actors.contact_id,
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
            when actors.contact_id is not null then greatest(events.received_date, actors.identified_date)
        end as known_date

    from events

    left join actors on events.actor_key = actors.actor_key

    where
        events.contact_id is null
        or actors.contact_id is not null

)

select * from final
