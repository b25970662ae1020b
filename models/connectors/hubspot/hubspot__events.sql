with

event_names as (

    select * from {{ ref('stg_event_names') }}
    where source = 'hubspot'

),

activity as (

    select * from {{ ref('hubspot_email_activity') }}

    union all

    select * from {{ ref('hubspot_web_activity') }}

),

final as (

    select
        activity.event_id,
        activity.contact_id,
        activity.anonymous_id,
        coalesce(event_names.event_type, activity.source_type) as event_type,
        activity.occurred_at,
        activity.received_at,
        activity.channel,
        activity.campaign,
        activity.page_url,
        activity.object_id,
        activity.duration_seconds,
        activity.value

    from activity

    left join event_names on activity.source_type = event_names.source_type

)

select * from final
