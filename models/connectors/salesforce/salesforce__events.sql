with

campaigns as (

    select
        {{ read_text('id') }} as campaign_id,
        max({{ read_text('name') }}) as name,
        max({{ read_text('type') }}) as campaign_type

    from {{ source('salesforce', 'campaign') }}

    group by {{ read_text('id') }}

),

activity as (

    select
        activity.event_id,
        activity.contact_id,
        {{ as_text('null') }} as anonymous_id,
        activity.source_type,
        activity.occurred_at,
        activity.received_at,
        coalesce(campaigns.campaign_type, activity.channel) as channel,
        campaigns.name as campaign,
        {{ as_text('null') }} as page_url,
        activity.campaign_id as object_id,
        activity.duration_seconds,
        activity.value

    from {{ ref('salesforce_activity') }} as activity

    left join campaigns on activity.campaign_id = campaigns.campaign_id

),

final as (

    select * from {{ events_of_activity('salesforce', 'activity') }}

)

select * from final
