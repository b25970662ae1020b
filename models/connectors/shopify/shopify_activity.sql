-- Steps and refunds of orders, abandoned checkouts, and visits that led to an order.

with

orders as (

    select * from {{ ref('shopify_orders') }}

),

in_shop as (

    select * from {{ order_steps('shopify', 'orders', ['placed', 'paid', 'cancelled']) }}

    union all

    select
        'shopify:refund:' || {{ read_text('refunds.id') }} as event_id,
        orders.contact_id,
        'refund' as source_type,
        {{ read_timestamp('refunds.created_at') }} as occurred_at,
        {{ read_timestamp('refunds.created_at') }} as received_at,
        orders.order_id as object_id,
        -1 * {{ read_amount('refunds.total_refunded_set_shop_amount') }} as value
    from {{ source('shopify', 'refund') }} as refunds
    inner join orders on {{ read_text('refunds.order_id') }} = orders.order_id

    union all

    select
        'shopify:checkout:' || {{ read_text('id') }} as event_id,
        {{ source_id('shopify', 'customer_id') }} as contact_id,
        'abandoned checkout' as source_type,
        {{ read_timestamp('created_at') }} as occurred_at,
        {{ read_timestamp('created_at') }} as received_at,
        {{ read_text('id') }} as object_id,
        {{ read_amount('total_price_set_shop_amount') }} as value
    from {{ source('shopify', 'abandoned_checkout') }}
    where not {{ is_set('_fivetran_deleted') }}

),

final as (

    select
        event_id,
        contact_id,
        {{ as_text('null') }} as anonymous_id,
        source_type,
        occurred_at,
        received_at,
        'shop' as channel,
        {{ as_text('null') }} as campaign,
        {{ as_text('null') }} as page_url,
        object_id,
        {{ as_amount('null') }} as duration_seconds,
        value
    from in_shop

    union all

    select
        'shopify:visit:' || {{ read_text('visits.id') }} as event_id,
        orders.contact_id,
        {{ as_text('null') }} as anonymous_id,
        'visit' as source_type,
        {{ read_timestamp('visits.occurred_at') }} as occurred_at,
        -- A visit is known only through its order.
        greatest({{ read_timestamp('visits.occurred_at') }}, orders.placed_at) as received_at,
        coalesce({{ read_text('visits.source') }}, 'shop') as channel,
        {{ read_text('visits.utm_parameters_campaign') }} as campaign,
        {{ read_text('visits.landing_page') }} as page_url,
        orders.order_id as object_id,
        {{ as_amount('null') }} as duration_seconds,
        {{ as_amount('null') }} as value
    from {{ source('shopify', 'customer_visit') }} as visits
    inner join orders on {{ read_text('visits.order_id') }} = orders.order_id

)

select * from final
