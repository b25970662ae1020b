-- Finished days, and intraday days that events does not have yet.

with

finished as (

    select distinct event_date from {{ source('ga4', 'events') }}

),

rows_of_days as (

    {% for table in ['events', 'events_intraday'] -%}
    select
        event_date,
        event_timestamp,
        event_name,
        event_params,
        user_id,
        user_pseudo_id,
        stream_id,
        event_bundle_sequence_id,
        {{ struct_field('ecommerce', 'transaction_id') }} as transaction_id,
        {{ struct_field('ecommerce', 'purchase_revenue') }} as purchase_revenue,
        {{ struct_field('collected_traffic_source', 'manual_campaign_name') }} as manual_campaign_name,
        {{ struct_field('collected_traffic_source', 'manual_source') }} as manual_source,
        {{ first_item('items', 'item_id') }} as item_id
    from {{ source('ga4', table) }}
    {{ 'where event_date not in (select finished.event_date from finished)' if table == 'events_intraday' else 'union all' }}
    {% endfor %}
),

-- GA4 events have no id: rows equal in all of these columns are one event.
final as (

    select
        'ga4:' || {{ hash_of_all([
            'stream_id', 'user_pseudo_id', 'event_name', 'event_timestamp', 'event_bundle_sequence_id', sorted_text('event_params')
        ]) }} as event_id,
        {{ source_id('ga4', 'user_id') }} as contact_id,
        {{ read_text('user_id') }} as user_id,
        {{ read_text('user_pseudo_id') }} as visitor_id,
        lower({{ read_text('event_name') }}) as source_type,
        {{ epoch_time('event_timestamp', 1000000) }} as occurred_at,
        {{ epoch_time('event_timestamp', 1000000) }} as received_at,
        {{ read_text('manual_source') }} as channel,
        {{ read_text('manual_campaign_name') }} as campaign,
        {{ read_text(parameter('event_params', 'page_location', 'string_value')) }} as page_url,
        coalesce({{ read_text('transaction_id') }}, {{ read_text('item_id') }}) as object_id,
        {{ as_amount(read_amount(parameter('event_params', 'engagement_time_msec', 'int_value')) ~ ' / 1000') }} as duration_seconds,
        {{ read_amount('purchase_revenue') }} as value

    from rows_of_days

)

select * from final
