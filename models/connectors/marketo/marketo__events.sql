with

event_names as (

    select * from {{ ref('stg_event_names') }}
    where source = 'marketo'

),

{% set tables = [
    'send_email', 'email_delivered', 'open_email', 'click_email', 'email_bounced', 'email_bounced_soft', 'unsubscribe_email', 'fill_out_form',
    'visit_webpage', 'click_link'
] -%}
activity as (

    {% for table in tables -%}
    select
        {{ source_id('marketo', 'id') }} as event_id,
        {{ source_id('marketo', 'lead_id') }} as contact_id,
        '{{ table }}' || case when {{ is_set('is_bot_activity') }} then ' bot' else '' end as source_type,
        {{ source_time('marketo', 'activity_date') }} as occurred_at,
        '{{ 'email' if 'email' in table else 'web' }}' as channel,
        {{ read_text('campaign_id') }} as campaign,
        coalesce({{ read_text('webpage_url') }}, {{ read_text('link') }}) as page_url,
        {{ read_text('primary_attribute_value') }} as object_id
    from {{ source('marketo', 'activity_' ~ table) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

final as (

    select
        activity.event_id,
        activity.contact_id,
        {{ as_text('null') }} as anonymous_id,
        coalesce(event_names.event_type, activity.source_type) as event_type,
        activity.occurred_at,
        activity.occurred_at as received_at,
        activity.channel,
        activity.campaign,
        activity.page_url,
        activity.object_id,
        {{ as_amount('null') }} as duration_seconds,
        {{ as_amount('null') }} as value

    from activity

    left join event_names on activity.source_type = event_names.source_type

)

select * from final
