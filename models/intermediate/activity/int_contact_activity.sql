with

daily_events as (

    select * from {{ ref('int_daily_events') }}

),

dates as (

    select * from {{ ref('int_as_of_dates') }}

),

final as (

    select
        dates.as_of_date,
        daily_events.contact_id,
        max(daily_events.last_event_at) as last_event_at

    from daily_events

    inner join dates
        on
            daily_events.occurred_date <= dates.as_of_date
            and daily_events.known_date <= dates.as_of_date

    group by dates.as_of_date, daily_events.contact_id

)

select * from final
