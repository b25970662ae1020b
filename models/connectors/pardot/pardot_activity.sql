-- type_name distinguishes activities of a type: "1 email" is a click in an e-mail, "1 file" a click on a file. A row of event_names with
-- type_name takes precedence.

with

event_names as (

    select * from {{ ref('stg_event_names') }}
    where source = 'pardot'

),

campaigns as (

    select
        {{ read_text('id') }} as campaign_id,
        max({{ read_text('name') }}) as name

    from {{ source('pardot', 'campaign') }}

    group by {{ read_text('id') }}

),

activity as (

    select
        {{ source_id('pardot', 'id') }} as event_id,
        {{ source_id('pardot', 'prospect_id') }} as contact_id,
        {{ source_id('pardot:visitor', 'visitor_id') }} as anonymous_id,
        {{ read_text('type') }} as activity_type,
        {{ read_text('type') }} || ' ' || lower(coalesce({{ read_text('type_name') }}, '')) as named_type,
        {{ read_text('opportunity_id') }} as opportunity_id,
        {{ source_time('pardot', 'created_at') }} as occurred_at,
        {{ read_text('campaign_id') }} as campaign_id,
        {{ read_text('details') }} as details,
        coalesce(
            {{ read_text('form_id') }},
            {{ read_text('form_handler_id') }},
            {{ read_text('landing_page_id') }},
            {{ read_text('file_id') }},
            {{ read_text('custom_redirect_id') }},
            {{ read_text('email_id') }}
        ) as object_id,
        case when {{ read_text('email_id') }} is null then 'web' else 'email' end as channel

    from {{ source('pardot', 'visitor_activity') }}

),

final as (

    select
        activity.event_id,
        activity.contact_id,
        activity.anonymous_id,
        activity.opportunity_id,
        coalesce(named.source_type, by_type.source_type, trim(activity.named_type)) as source_type,
        activity.occurred_at,
        activity.occurred_at as received_at,
        activity.channel,
        coalesce(campaigns.name, activity.campaign_id) as campaign,
        case when {{ starts_with_text('activity.details', "'http'") }} then activity.details end as page_url,
        activity.object_id,
        {{ as_amount('null') }} as duration_seconds,
        {{ as_amount('null') }} as value

    from activity

    left join event_names as named on activity.named_type = named.source_type

    left join event_names as by_type on activity.activity_type = by_type.source_type

    left join campaigns on activity.campaign_id = campaigns.campaign_id

)

select * from final
