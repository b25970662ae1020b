with

orders as (

    select * from {{ ref('shopify_orders') }}

),

final as (

    select
        'shopify:placed:' || order_id as event_id,
        contact_id,
        'order placed' as source_type,
        placed_at as occurred_at,
        placed_at as received_at,
        order_id as object_id,
        value
    from orders

    union all

    select
        'shopify:paid:' || order_id as event_id,
        contact_id,
        'order paid' as source_type,
        paid_at as occurred_at,
        paid_at as received_at,
        order_id as object_id,
        value
    from orders
    where paid_at is not null

    union all

    select
        'shopify:cancelled:' || order_id as event_id,
        contact_id,
        'order cancelled' as source_type,
        cancelled_at as occurred_at,
        cancelled_at as received_at,
        order_id as object_id,
        value
    from orders
    where cancelled_at is not null

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

    union all

    select
        'shopify:visit:' || {{ read_text('visits.id') }} as event_id,
        orders.contact_id,
        'visit' as source_type,
        {{ read_timestamp('visits.occurred_at') }} as occurred_at,
        -- A visit is known only through its order.
        greatest({{ read_timestamp('visits.occurred_at') }}, orders.placed_at) as received_at,
        orders.order_id as object_id,
        {{ as_amount('null') }} as value
    from {{ source('shopify', 'customer_visit') }} as visits
    inner join orders on {{ read_text('visits.order_id') }} = orders.order_id

)

select * from final
