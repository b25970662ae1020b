with

final as (

    select
        anonymous_id,
        contact_id,
        min(greatest(occurred_at, received_at)) as identified_at

    from {{ ref('web_event_rows') }}

    where
        anonymous_id is not null
        and contact_id is not null

    group by anonymous_id, contact_id

)

select * from final
