with

final as (

    select * from {{ events_of_activity('marketo', ref('marketo_activity')) }}

)

select * from final
