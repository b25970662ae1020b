{{ config(materialized='view') }}

with

signal_days as (

    select * from {{ ref('int_signal_days') }}

),

actors as (

    select * from {{ ref('int_actors') }}

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

)

select * from final
