-- Calls of track and page, with their product or order.

with

properties as (

    select
        {{ read_text('id') }} as id,
        {{ read_text('product_id') }} as object_id,
        {{ read_amount('null') }} as value
    from {{ source('segment', 'product_viewed') }}

    union all

    select
        {{ read_text('id') }} as id,
        {{ read_text('product_id') }} as object_id,
        {{ read_amount('price') }} as value
    from {{ source('segment', 'product_added') }}

    union all

    select
        {{ read_text('id') }} as id,
        {{ read_text('order_id') }} as object_id,
        {{ read_amount('revenue') }} as value
    from {{ source('segment', 'order_completed') }}

),

-- One row per call; a table may have a call twice.
products as (

    select
        id,
        min(object_id) as object_id,
        max(value) as value

    from properties

    group by id

),

calls as (

    select
        {{ read_text('id') }} as id,
        {{ read_text('user_id') }} as user_id,
        {{ read_text('anonymous_id') }} as visitor_id,
        lower({{ read_text('event') }}) as source_type,
        {{ read_timestamp('timestamp') }} as occurred_at,
        {{ read_timestamp('received_at') }} as received_at,
        {{ as_text('null') }} as channel,
        {{ read_text('context_campaign_name') }} as campaign,
        {{ read_text('context_page_url') }} as page_url,
        {{ as_text('null') }} as object_id

    from {{ source('segment', 'tracks') }}

    union all

    select
        {{ read_text('id') }} as id,
        {{ read_text('user_id') }} as user_id,
        {{ read_text('anonymous_id') }} as visitor_id,
        'page' as source_type,
        {{ read_timestamp('timestamp') }} as occurred_at,
        {{ read_timestamp('received_at') }} as received_at,
        {{ read_text('context_campaign_source') }} as channel,
        {{ read_text('context_campaign_name') }} as campaign,
        {{ read_text('url') }} as page_url,
        {{ read_text('title') }} as object_id

    from {{ source('segment', 'pages') }}

),

final as (

    select
        'segment:' || coalesce(
            calls.id, {{ hash_of_all(['calls.user_id', 'calls.visitor_id', 'calls.source_type', 'calls.occurred_at', 'calls.page_url']) }}
        ) as event_id,
        'segment:' || calls.user_id as contact_id,
        'segment:' || calls.visitor_id as anonymous_id,
        calls.source_type,
        calls.occurred_at,
        coalesce(calls.received_at, calls.occurred_at) as received_at,
        calls.channel,
        calls.campaign,
        calls.page_url,
        coalesce(products.object_id, calls.object_id) as object_id,
        {{ as_amount('null') }} as duration_seconds,
        products.value

    from calls

    left join products on calls.id = products.id

)

select * from final
