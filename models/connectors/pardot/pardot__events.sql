with

final as (

    select * from {{ events_of_activity('pardot', ref('pardot_activity')) }}

)

select * from final
