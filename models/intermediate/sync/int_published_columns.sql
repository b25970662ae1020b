with

final as (

    select * from {{ columns_by_name(ref('int_published_values'), 'contact_id', 'attribute', 'value', 'no_attribute') }}

)

select * from final -- noqa: AM04
