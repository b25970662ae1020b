with

event_names as (

    select * from {{ ref('stg_event_names') }}
    where source = 'marketo'

),

activity as (

    select * from {{ ref('marketo_activity') }}

),

final as (

    select
        activity.event_id,
        activity.contact_id,
        {{ as_text('null') }} as anonymous_id,
        coalesce(event_names.event_type, activity.source_type) as event_type,
        activity.occurred_at,
        activity.received_at,
        activity.channel,
        activity.campaign,
        activity.page_url,
        activity.object_id,
        {{ as_amount('null') }} as duration_seconds,
        activity.value

    from activity

    left join event_names on activity.source_type = event_names.source_type

)

select * from final
