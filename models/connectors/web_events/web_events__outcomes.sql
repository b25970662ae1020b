with

final as (

    select * from {{ outcomes_of_events('web_events', ref('web_event_rows')) }}

)

select * from final
