with

actor_days as (

    select * from {{ ref('int_actor_days') }}

),

actors as (

    select * from {{ ref('int_actors') }}

),

final as (

    select
        actors.contact_id,
        actor_days.event_type,
        actor_days.occurred_date,
        greatest(actor_days.received_date, actors.identified_date) as known_date,
        actor_days.events,
        actor_days.seconds,
        actor_days.value,
        actor_days.last_event_at

    from actor_days

    inner join actors on actor_days.actor_id = actors.actor_id

)

select * from final
