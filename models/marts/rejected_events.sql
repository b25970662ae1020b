with

events as (

    select * from {{ ref('int_received_events') }}

),

actors as (

    select * from {{ ref('int_actors') }}

),

-- Events of unidentified visitors are unresolved; events of unknown contacts are rejected.
final as (

    select
        nullif(events.received_date, {{ as_date("'0001-01-01'") }}) as load_date,
        events.event_id,
        events.contact_id,
        events.anonymous_id,
        events.event_type,
        coalesce(events.raw_occurred_at, {{ as_text('events.occurred_at') }}) as occurred_at,
        coalesce(events.raw_received_at, {{ as_text('events.received_at') }}) as received_at,
        events.channel,
        events.campaign,
        events.page_url,
        events.object_id,
        coalesce(events.raw_duration_seconds, {{ number_text('events.duration_seconds') }}) as duration_seconds,
        coalesce(events.raw_value, {{ number_text('events.value') }}) as value,
        coalesce(events.rejected_because, 'contact_id is unknown') as rejected_because

    from events

    left join actors on events.actor_key = actors.actor_key

    where
        events.rejected_because is not null
        or (events.contact_id is not null and actors.actor_key is null)

)

select * from final
