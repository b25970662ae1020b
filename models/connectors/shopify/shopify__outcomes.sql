-- An order is won when it is paid. One that is cancelled later stays won until then, and is lost from then on.

with

orders as (

    select * from {{ ref('shopify_orders') }}

),

final as (

    select
        'shopify:order:' || order_id || ':won' as outcome_id,
        contact_id,
        'won' as outcome,
        paid_at as occurred_at,
        value

    from orders

    where paid_at is not null

    union all

    select
        'shopify:order:' || order_id || ':lost' as outcome_id,
        contact_id,
        'lost' as outcome,
        cancelled_at as occurred_at,
        -1 * value as value

    from orders

    where
        cancelled_at is not null
        and paid_at is not null

)

select * from final
