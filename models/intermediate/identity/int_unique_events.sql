{{ config(materialized='view') }}

with

events as (

    select * from {{ ref('int_received_events') }}
    where
        not is_copy
        and rejected_because is null

),

copies as (

    select * from {{ ref('int_event_copies') }}
    where copy_number = 1

),

final as (

    select
        event_id,
        contact_id,
        actor_id,
        event_type,
        channel,
        campaign,
        page_url,
        object_id,
        duration_seconds,
        value,
        occurred_at,
        received_at,
        occurred_date,
        received_date

    from events

    union all

    select
        event_id,
        contact_id,
        actor_id,
        event_type,
        channel,
        campaign,
        page_url,
        object_id,
        duration_seconds,
        value,
        occurred_at,
        received_at,
        occurred_date,
        received_date

    from copies

)

select * from final
