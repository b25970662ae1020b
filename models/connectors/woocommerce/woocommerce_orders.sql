-- Orders with their contact: the customer, else the guest with the e-mail address. Refunds are separate rows of wc_orders. Left out are
-- drafts, orders in the trash, and rows of other types (placeholders, subscriptions).

with

payments as (

    select
        {{ read_text('order_id') }} as order_id,
        min({{ read_timestamp('date_paid_gmt') }}) as paid_at

    from {{ source('woocommerce', 'order_operational_data') }}

    group by {{ read_text('order_id') }}

),

final as (

    select
        {{ read_text('orders.id') }} as order_id,
        {{ read_text('orders.parent_order_id') }} as refunded_order_id,
        coalesce({{ read_text('orders.type') }}, 'shop_order') = 'shop_order_refund' as is_refund,
        coalesce(
            'woocommerce:' || nullif({{ read_text('orders.customer_id') }}, '0'),
            'woocommerce:email:' || {{ hash_of('lower(' ~ read_text('orders.billing_email') ~ ')') }}
        ) as contact_id,
        coalesce({{ read_text('orders.type') }}, 'shop_order') = 'shop_order'
        and coalesce({{ read_text('orders.customer_id') }}, '0') = '0' as is_guest,
        lower({{ read_text('orders.billing_email') }}) as email,
        {{ read_timestamp('orders.date_created_gmt') }} as placed_at,
        coalesce(payments.paid_at, {{ read_timestamp('orders.date_paid_gmt') }}) as paid_at,
        {{ read_amount('orders.total') }} as value

    from {{ source('woocommerce', 'orders') }} as orders

    left join payments on {{ read_text('orders.id') }} = payments.order_id

    where
        coalesce({{ read_text('orders.type') }}, 'shop_order') in ('shop_order', 'shop_order_refund')
        and coalesce(replace(lower({{ read_text('orders.status') }}), 'wc-', ''), '')
        not in ('draft', 'auto-draft', 'checkout-draft', 'trash')

)

select * from final
