with

final as (

    select * from {{ outcomes_of_attributes('segment') }}

    union all

    select * from {{ outcomes_of_events('segment', ref('segment_activity')) }}

)

select * from final
