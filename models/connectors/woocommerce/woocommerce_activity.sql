-- The steps of orders.

with

orders as (

    select * from {{ ref('woocommerce_orders') }}

),

-- Together the refunds of an order take back its value and no more.
refunds as (

    select
        refunds.order_id as refund_id,
        refunds.placed_at as refunded_at,
        orders.order_id,
        orders.contact_id,
        orders.value as order_value,
        abs(refunds.value) as value,
        coalesce(
            sum(abs(refunds.value)) over (
                partition by orders.order_id
                order by refunds.placed_at, refunds.order_id
                rows between unbounded preceding and 1 preceding
            ), 0
        ) as earlier_value

    from orders as refunds

    inner join orders on refunds.refunded_order_id = orders.order_id

    where refunds.is_refund

),

final as (

    select
        'woocommerce:placed:' || order_id as event_id,
        contact_id,
        'order placed' as source_type,
        placed_at as occurred_at,
        placed_at as received_at,
        order_id as object_id,
        value
    from orders
    where not is_refund

    union all

    select
        'woocommerce:paid:' || order_id as event_id,
        contact_id,
        'order paid' as source_type,
        paid_at as occurred_at,
        paid_at as received_at,
        order_id as object_id,
        value
    from orders
    where
        not is_refund
        and paid_at is not null

    union all

    select
        'woocommerce:refund:' || refund_id as event_id,
        contact_id,
        'refund' as source_type,
        refunded_at as occurred_at,
        refunded_at as received_at,
        order_id as object_id,
        -1 * greatest(least(value, order_value - earlier_value), 0) as value
    from refunds

)

select * from final
