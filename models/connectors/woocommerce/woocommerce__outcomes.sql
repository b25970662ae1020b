-- An order is won when it is paid. WooCommerce has no time of a cancellation, so a cancellation is no outcome.

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

    union all

    select * from {{ outcomes_of_events('woocommerce', ref('woocommerce_activity')) }}

)

select * from final
