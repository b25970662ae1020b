-- Customers, and guests by the e-mail address of their orders.

with

orders as (

    select * from {{ ref('woocommerce_orders') }}
    where not is_refund

),

guests as (

    select
        contact_id,
        min(placed_at) as created_at,
        {{ read_timestamp('null') }} as updated_at,
        min(email) as email,
        {{ as_text('null') }} as account_id,
        'false' as is_deleted

    from orders

    where is_guest

    group by contact_id

),

first_orders as (

    select
        contact_id as ordering_contact_id,
        min(placed_at) as first_order_at

    from orders

    group by contact_id

),

-- Read by its name below. A customer without a date exists from the first order.
people as ( -- noqa: ST03

    select
        customers.*,
        coalesce({{ source_id('woocommerce', 'customers.id') }}, first_orders.ordering_contact_id) as person_id,
        first_orders.first_order_at

    from {{ source('woocommerce', 'customers') }} as customers

    full outer join first_orders on {{ source_id('woocommerce', 'customers.id') }} = first_orders.ordering_contact_id

    where
        coalesce({{ read_text('customers.id') }}, first_orders.ordering_contact_id) is not null
        and (
            first_orders.ordering_contact_id is null
            or first_orders.ordering_contact_id not in (select guests.contact_id from guests)
        )

),

final as (

    select *

    from {{ union_by_name([
        'guests',
        with_attributes(
            'people',
            {
                'contact_id': 'person_id',
                'created_at': "coalesce(" ~ read_timestamp('date_created_gmt') ~ ", first_order_at)",
                'updated_at': read_timestamp('null'),
                'email': read_text('email'),
                'account_id': as_text('null')
            },
            "'false'",
            left_out=['id', 'person_id', 'date_created_gmt', 'first_order_at']
        )
    ]) }}

)

select * from final -- noqa: AM04
