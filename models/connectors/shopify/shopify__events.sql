with

event_names as (

    select * from {{ ref('stg_event_names') }}
    where source = 'shopify'

),

activity as (

    select * from {{ ref('shopify_activity') }}

),

visits as (

    select
        'shopify:visit:' || {{ read_text('id') }} as event_id,
        max({{ read_text('source') }}) as channel,
        max({{ read_text('utm_parameters_campaign') }}) as campaign,
        max({{ read_text('landing_page') }}) as page_url

    from {{ source('shopify', 'customer_visit') }}

    group by {{ read_text('id') }}

),

final as (

    select
        activity.event_id,
        activity.contact_id,
        {{ as_text('null') }} as anonymous_id,
        coalesce(event_names.event_type, activity.source_type) as event_type,
        activity.occurred_at,
        activity.received_at,
        coalesce(visits.channel, 'shop') as channel,
        visits.campaign,
        visits.page_url,
        activity.object_id,
        {{ as_amount('null') }} as duration_seconds,
        {{ as_amount('activity.value') }} as value

    from activity

    left join visits on activity.event_id = visits.event_id

    left join event_names on activity.source_type = event_names.source_type

)

select * from final
