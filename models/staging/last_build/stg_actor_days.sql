with

source as (

    select * from {{ source('last_intermediate', 'int_actor_days') }}

),

final as (

    select
        actor_id,
        received_date,
        events

    from source

    where actor_id is not null

)

select * from final
