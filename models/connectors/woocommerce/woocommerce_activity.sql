-- Steps and refunds of orders.

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

sales as (

    select * from orders
    where not is_refund

),

in_shop as (

    select * from {{ order_steps('woocommerce', 'sales', ['placed', 'paid']) }}

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

)

select * from final
