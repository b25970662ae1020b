with

final as (

    select * from {{ outcomes_of_events('ga4', ref('ga4_all_events')) }}

)

select * from final
