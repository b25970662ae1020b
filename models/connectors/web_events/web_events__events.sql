with

final as (

    select * from {{ events_of_activity('web_events', ref('web_event_rows')) }}

)

select * from final
