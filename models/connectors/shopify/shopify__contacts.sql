-- Customers, and contacts that only orders name: guests by e-mail address, and customers that the table customer lacks.

with

customers as (

    select {{ source_id('shopify', 'id') }} as contact_id from {{ source('shopify', 'customer') }}
    where {{ read_text('id') }} is not null

),

others as (

    select
        contact_id,
        min(placed_at) as created_at,
        {{ read_timestamp('null') }} as updated_at,
        min(email) as email,
        {{ as_text('null') }} as account_id,
        'false' as is_deleted

    from {{ ref('shopify_orders') }}

    where
        contact_id is not null
        and contact_id not in (select customers.contact_id from customers)

    group by contact_id

),

final as (

    select *

    from {{ union_by_name([
        'others',
        with_attributes(
            source('shopify', 'customer'),
            {
                'contact_id': source_id('shopify', 'id'),
                'created_at': read_timestamp('created_at'),
                'updated_at': read_timestamp('null'),
                'email': read_text('email'),
                'account_id': as_text('null')
            },
            is_set('_fivetran_deleted'),
            left_out=['id', 'note']
        )
    ]) }}

)

select * from final -- noqa: AM04
