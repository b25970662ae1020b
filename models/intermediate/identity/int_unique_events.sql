{{ config(materialized='view') }}

with

events as (

    select * from {{ ref('int_received_events') }}
    where rejected_because is null

),

copies as (

    select * from {{ ref('int_event_copies') }}

),

final as (

    select
        event_key,
        actor_key,
        event_id,
        contact_id,
        anonymous_id,
        event_type,
        channel,
        campaign,
        page_url,
        object_id,
        duration_seconds,
        value,
        properties,
        occurred_at,
        received_at,
        occurred_date,
        received_date

    from events

    where event_key not in (select copies.event_key from copies)

    union all

    select
        event_key,
        actor_key,
        event_id,
        contact_id,
        anonymous_id,
        event_type,
        channel,
        campaign,
        page_url,
        object_id,
        duration_seconds,
        value,
        properties,
        occurred_at,
        received_at,
        occurred_date,
        received_date

    from copies

    where copy_number = 1

)

select * from final
