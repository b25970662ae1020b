-- An order is won when it is paid. WooCommerce does not say when one was cancelled, so that is no outcome.

with

final as (

    select
        'woocommerce:order:' || order_id || ':won' as outcome_id,
        contact_id,
        'won' as outcome,
        paid_at as occurred_at,
        value

    from {{ ref('woocommerce_orders') }}

    where
        not is_refund
        and paid_at is not null

)

select * from final
