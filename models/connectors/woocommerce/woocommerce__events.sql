with

event_names as (

    select * from {{ ref('stg_event_names') }}
    where source = 'woocommerce'

),

orders as (

    select * from {{ ref('woocommerce_orders') }}

),

activity as (

    select
        'placed:' || order_id as id,
        contact_id,
        'order placed' as source_type,
        placed_at as occurred_at,
        order_id as object_id,
        value
    from orders
    where not is_refund

    union all

    select
        'paid:' || order_id as id,
        contact_id,
        'order paid' as source_type,
        paid_at as occurred_at,
        order_id as object_id,
        value
    from orders
    where
        not is_refund
        and paid_at is not null

    union all

    select
        'refund:' || refunds.order_id as id,
        orders.contact_id,
        'refund' as source_type,
        refunds.placed_at as occurred_at,
        orders.order_id as object_id,
        -1 * abs(refunds.value) as value
    from orders as refunds
    inner join orders on refunds.refunded_order_id = orders.order_id
    where refunds.is_refund

),

final as (

    select
        'woocommerce:' || activity.id as event_id,
        activity.contact_id,
        {{ as_text('null') }} as anonymous_id,
        coalesce(event_names.event_type, activity.source_type) as event_type,
        activity.occurred_at,
        activity.occurred_at as received_at,
        'shop' as channel,
        {{ as_text('null') }} as campaign,
        {{ as_text('null') }} as page_url,
        activity.object_id,
        {{ as_amount('null') }} as duration_seconds,
        {{ as_amount('activity.value') }} as value

    from activity

    left join event_names on activity.source_type = event_names.source_type

)

select * from final
