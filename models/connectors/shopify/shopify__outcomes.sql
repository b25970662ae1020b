-- An order is won when it is paid. A paid order that is cancelled is lost from the cancellation.

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

    union all

    select * from {{ outcomes_of_events('shopify', ref('shopify_activity')) }}

)

select * from final
