-- Customers, and guests by the address of their orders.

with

guests as (

    select
        contact_id,
        min(placed_at) as created_at,
        {{ source_time('shopify', 'null') }} as updated_at,
        min(email) as email,
        {{ as_text('null') }} as account_id,
        'false' as is_deleted

    from {{ ref('shopify_orders') }}

    where is_guest

    group by contact_id

),

final as (

    select *

    from {{ union_by_name([
        'guests',
        with_attributes(
            source('shopify', 'customer'),
            {
                'contact_id': source_id('shopify', 'id'),
                'created_at': source_time('shopify', 'created_at'),
                'updated_at': source_time('shopify', 'null'),
                'email': read_text('email'),
                'account_id': as_text('null')
            },
            is_set('_fivetran_deleted'),
            left_out=['id', 'note']
        )
    ]) }}

)

select * from final -- noqa: AM04
