with

final as (

    select
        'ga4:' || visitor_id as anonymous_id,
        contact_id,
        min(occurred_at) as identified_at

    from {{ ref('ga4_all_events') }}

    where
        visitor_id is not null
        and contact_id is not null

    group by visitor_id, contact_id

)

select * from final
