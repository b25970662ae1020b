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

merged_contacts as (

    select persons.contact_id
    from {{ ref('int_persons') }} as persons
    inner join dates
        on
            persons.valid_from <= dates.as_of_date
            and coalesce(persons.valid_to > dates.as_of_date, true)
    where persons.contact_id <> persons.survivor_id

),

-- Of each person once, by the contact that it is on the latest date.
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
        (events.channel is not null or events.campaign is not null)
        and events.contact_id not in (select merged_contacts.contact_id from merged_contacts)

)

select * from final
