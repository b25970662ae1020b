with

rejected as (

    select * from {{ ref('int_rejected_events') }}

),

final as (

    select
        load_date,
        event_id,
        contact_id,
        anonymous_id,
        event_type,
        raw_occurred_at as occurred_at,
        raw_received_at as received_at,
        channel,
        campaign,
        page_url,
        object_id,
        raw_duration_seconds as duration_seconds,
        raw_value as value,
        rejected_because

    from rejected

)

select * from final
