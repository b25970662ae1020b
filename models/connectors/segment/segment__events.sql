with

final as (

    select * from {{ events_of_activity('segment', ref('segment_activity')) }}

)

select * from final
