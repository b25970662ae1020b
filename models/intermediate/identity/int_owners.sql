{{ config(materialized='view') }}

-- The contacts that own an actor's activity, and from which date: its contact, and each survivor of that contact. A merged contact keeps
-- its activity too; nothing reads it, because the contact is no lead from then on.

with

actors as (

    select * from {{ ref('int_actors') }}

),

-- A contact that was a survivor, was not for a while and is again has it from its first date on.
survivors as (

    select
        contact_id,
        survivor_id,
        min(valid_from) as valid_from
    from {{ ref('int_persons') }}
    where contact_id <> survivor_id
    group by contact_id, survivor_id

),

final as (

    select
        actor_key,
        contact_key,
        contact_id,
        identified_date,
        identified_date as owned_from,
        false as is_inherited

    from actors

    union all

    select
        actors.actor_key,
        {{ hash_number(['survivors.survivor_id']) }} as contact_key,
        survivors.survivor_id as contact_id,
        actors.identified_date,
        greatest(survivors.valid_from, actors.identified_date) as owned_from,
        true as is_inherited

    from actors

    inner join survivors on actors.contact_id = survivors.contact_id

)

select * from final
