{{ config(materialized='view') }}

with

signal_days as (

    select * from {{ ref('int_signal_days') }}

),

actors as (

    select * from {{ ref('int_actors') }}

),

daily_events as (

    select * from {{ ref('int_daily_events') }}

),

plain_signals as (

    select * from {{ ref('int_signals') }}
    where is_plain

),

final as (

    select
        actors.contact_id,
        signal_days.signal_id,
        signal_days.occurred_date,
        greatest(signal_days.received_date, actors.identified_date) as known_date,
        signal_days.matches,
        signal_days.amount

    from signal_days

    inner join actors on signal_days.actor_id = actors.actor_id

    union all

    select
        daily_events.contact_id,
        plain_signals.signal_id,
        daily_events.occurred_date,
        daily_events.known_date,
        daily_events.events as matches,
        daily_events.events as amount

    from daily_events

    inner join plain_signals on daily_events.event_type = plain_signals.event_type

)

select * from final
