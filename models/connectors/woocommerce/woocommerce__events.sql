with

final as (

    select * from {{ events_of_activity('woocommerce', ref('woocommerce_activity')) }}

)

select * from final
