-- Activities of leads.

{% set tables = [
    'send_email', 'email_delivered', 'open_email', 'click_email', 'email_bounced', 'email_bounced_soft', 'unsubscribe_email', 'fill_out_form',
    'visit_webpage', 'click_link'
] %}

with

final as (

    {% for table in tables -%}
    select
        {{ source_id('marketo', 'id') }} as event_id,
        {{ source_id('marketo', 'lead_id') }} as contact_id,
        {{ as_text('null') }} as anonymous_id,
        '{{ table }}' || case
            when {{ is_set('is_bot_activity') }} then ' bot'
            when lower({{ read_text('action_result') }}) = 'skipped' then ' skipped'
            else ''
        end as source_type,
        {{ read_timestamp('activity_date') }} as occurred_at,
        {{ read_timestamp('activity_date') }} as received_at,
        '{{ 'email' if 'email' in table else 'web' }}' as channel,
        {{ read_text('campaign_id') }} as campaign,
        coalesce({{ read_text('webpage_url') }}, {{ read_text('link') }}) as page_url,
        {{ read_text('primary_attribute_value') }} as object_id,
        {{ as_amount('null') }} as duration_seconds,
        {{ as_amount('null') }} as value
    from {{ source('marketo', 'activity_' ~ table) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
