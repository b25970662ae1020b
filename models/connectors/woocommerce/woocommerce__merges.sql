-- A guest who makes an account later is the customer from then on.

with

guests as (

    select
        contact_id,
        email,
        min(placed_at) as first_order_at

    from {{ ref('woocommerce_orders') }}

    where
        is_guest
        and not is_refund
        and email is not null

    group by contact_id, email

),

customers as (

    select
        lower({{ read_text('email') }}) as email,
        min({{ read_text('id') }}) as customer_id,
        min({{ source_time('woocommerce', 'date_created_gmt') }}) as created_at

    from {{ source('woocommerce', 'customers') }}

    where {{ read_text('id') }} is not null

    group by lower({{ read_text('email') }})

),

final as (

    select
        guests.contact_id as from_contact_id,
        'woocommerce:' || customers.customer_id as into_contact_id,
        greatest(guests.first_order_at, customers.created_at) as merged_at

    from guests

    inner join customers on guests.email = customers.email

)

select * from final
