{{ config(materialized='view') }}

-- Whose activity an actor's is, and from which date: its contact's, and that of each survivor of that contact. The activity of a merged
-- contact stays with it as well, which no date sees: it is no lead from then on.

with

actors as (

    select * from {{ ref('int_actors') }}

),

persons as (

    select * from {{ ref('int_persons') }}
    where valid_from is not null

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
        {{ hash_number(['persons.survivor_id']) }} as contact_key,
        persons.survivor_id as contact_id,
        actors.identified_date,
        greatest(persons.valid_from, actors.identified_date) as owned_from,
        true as is_inherited

    from actors

    inner join persons on actors.contact_id = persons.contact_id

)

select * from final
