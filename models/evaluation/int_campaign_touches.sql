{{ config(materialized='view') }}

with

events as (

    select * from {{ ref('int_events') }}
    where contact_id is not null

),

dates as (

    select * from {{ ref('int_as_of_dates') }}
    where is_latest

),

final as (

    select
        events.event_id,
        events.contact_key,
        events.contact_id,
        coalesce(events.channel, 'none') as channel,
        coalesce(events.campaign, 'none') as campaign,
        events.occurred_at

    from events

    inner join dates
        on
            events.occurred_date <= dates.as_of_date
            and events.known_date <= dates.as_of_date
            and (events.filtered_date is null or events.filtered_date > dates.as_of_date)

    where
        events.channel is not null
        or events.campaign is not null

)

select * from final
