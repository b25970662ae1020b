with

final as (

    select
        'ga4:' || visitor_id as anonymous_id,
        'ga4:' || user_id as contact_id,
        min(occurred_at) as identified_at

    from {{ ref('ga4_all_events') }}

    where
        visitor_id is not null
        and user_id is not null

    group by visitor_id, user_id

)

select * from final
