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
        events.*,
        filtered_events.filter_id,
        filtered_events.filtered_date

    from events

    left join filtered_events
        on
            events.event_key = filtered_events.event_key
            and events.actor_key = filtered_events.actor_key

)

select * from final
