-- Orders with their contact: the customer, else the guest with the e-mail address. Tests and deleted orders are left out.

with

payments as (

    select
        {{ read_text('order_id') }} as order_id,
        min(coalesce({{ read_timestamp('processed_at') }}, {{ read_timestamp('created_at') }})) as paid_at

    from {{ source('shopify', 'transaction') }}

    where
        lower({{ read_text('kind') }}) in ('sale', 'capture')
        and lower({{ read_text('status') }}) = 'success'
        and not {{ is_set('test') }}

    group by {{ read_text('order_id') }}

),

orders as (

    select
        {{ read_text('id') }} as order_id,
        nullif({{ read_text('customer_id') }}, '0') as customer_id,
        lower({{ read_text('email') }}) as email,
        {{ read_timestamp('created_at') }} as placed_at,
        {{ read_timestamp('processed_at') }} as processed_at,
        {{ read_timestamp('cancelled_at') }} as cancelled_at,
        lower({{ read_text('display_financial_status') }}) as payment_status,
        {{ read_amount('total_price_set_shop_amount') }} as value

    from {{ source('shopify', 'order') }}

    where
        not {{ is_set('test') }}
        and not {{ is_set('_fivetran_deleted') }}

),

-- An order is paid at its first payment; without transactions, a paid status counts from when the order was processed.
final as (

    select
        orders.order_id,
        coalesce({{ source_id('shopify', 'orders.customer_id') }}, 'shopify:email:' || {{ hash_of('orders.email') }}) as contact_id,
        orders.customer_id is null as is_guest,
        orders.email,
        orders.placed_at,
        coalesce(
            payments.paid_at,
            case
                when orders.payment_status in ('paid', 'partially_refunded', 'refunded')
                    then coalesce(orders.processed_at, orders.placed_at)
            end
        ) as paid_at,
        orders.cancelled_at,
        orders.value

    from orders

    left join payments on orders.order_id = payments.order_id

)

select * from final
