with

source as (

    select * from {{ source('kept', 'int_received_events') }}

),

final as (

    select
        case when contact_id is not null then 'contact:' || contact_id else 'visitor:' || anonymous_id end as actor_id,
        received_date

    from source

)

select * from final
