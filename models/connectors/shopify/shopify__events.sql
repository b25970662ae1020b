with

event_names as (

    select * from {{ ref('stg_event_names') }}
    where source = 'shopify'

),

orders as (

    select * from {{ ref('shopify_orders') }}

),

activity as (

    select 'placed:' || order_id as id, contact_id, 'order placed' as source_type, placed_at as occurred_at, order_id as object_id, value
    from orders

    union all

    select 'paid:' || order_id as id, contact_id, 'order paid' as source_type, paid_at as occurred_at, order_id as object_id, value
    from orders
    where paid_at is not null

    union all

    select 'cancelled:' || order_id as id, contact_id, 'order cancelled' as source_type, cancelled_at as occurred_at, order_id as object_id, value
    from orders
    where cancelled_at is not null

    union all

    select
        'refund:' || {{ read_text('refunds.id') }} as id,
        orders.contact_id,
        'refund' as source_type,
        {{ source_time('shopify', 'refunds.created_at') }} as occurred_at,
        orders.order_id as object_id,
        -1 * {{ read_amount('refunds.total_refunded_set_shop_amount') }} as value
    from {{ source('shopify', 'refund') }} as refunds
    inner join orders on {{ read_text('refunds.order_id') }} = orders.order_id

    union all

    select
        'checkout:' || {{ read_text('id') }} as id,
        {{ source_id('shopify', 'customer_id') }} as contact_id,
        'abandoned checkout' as source_type,
        {{ source_time('shopify', 'created_at') }} as occurred_at,
        {{ read_text('id') }} as object_id,
        {{ read_amount('total_price_set_shop_amount') }} as value
    from {{ source('shopify', 'abandoned_checkout') }}
    where not {{ is_set('_fivetran_deleted') }}

),

visits as (

    select
        'visit:' || {{ read_text('visits.id') }} as id,
        orders.contact_id,
        'visit' as source_type,
        {{ source_time('shopify', 'visits.occurred_at') }} as occurred_at,
        {{ read_text('visits.source') }} as channel,
        {{ read_text('visits.utm_parameters_campaign') }} as campaign,
        {{ read_text('visits.landing_page') }} as page_url

    from {{ source('shopify', 'customer_visit') }} as visits

    inner join orders on {{ read_text('visits.order_id') }} = orders.order_id

),

all_activity as (

    select *, 'shop' as channel, {{ as_text('null') }} as campaign, {{ as_text('null') }} as page_url from activity

    union all

    select
        id, contact_id, source_type, occurred_at, {{ as_text('null') }} as object_id, {{ as_amount('null') }} as value, channel, campaign, page_url
    from visits

),

final as (

    select
        'shopify:' || all_activity.id as event_id,
        all_activity.contact_id,
        {{ as_text('null') }} as anonymous_id,
        coalesce(event_names.event_type, all_activity.source_type) as event_type,
        all_activity.occurred_at,
        all_activity.occurred_at as received_at,
        all_activity.channel,
        all_activity.campaign,
        all_activity.page_url,
        all_activity.object_id,
        {{ as_amount('null') }} as duration_seconds,
        {{ as_amount('all_activity.value') }} as value

    from all_activity

    left join event_names on all_activity.source_type = event_names.source_type

)

select * from final
