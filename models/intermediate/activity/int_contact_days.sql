{{ config(materialized='view') }}

-- Activity by contact, day and event type, with the date from which it is known to belong to the contact.

with

signal_days as (

    select * from {{ ref('int_signal_days') }}
    where counted_for = 'types'

),

owners as (

    select * from {{ ref('int_owners') }}

),

final as (

    select
        owners.contact_key,
        signal_days.signal_key,
        signal_days.occurred_date,
        greatest(signal_days.received_date, owners.owned_from) as known_date,
        signal_days.filtered_date,
        signal_days.matches,
        signal_days.seconds,
        signal_days.value,
        signal_days.last_event_at

    from signal_days

    inner join owners on signal_days.actor_key = owners.actor_key

)

select * from final
