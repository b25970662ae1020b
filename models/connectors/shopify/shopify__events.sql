with

final as (

    select * from {{ events_of_activity('shopify', ref('shopify_activity')) }}

)

select * from final
