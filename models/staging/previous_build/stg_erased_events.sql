-- Counted before int_signal_days is built anew, without them.

with

signal_days as (

    select * from {{ source('kept', 'int_signal_days') }}
    where counted_for = 'types'

),

erasures as (

    select {{ read_text('contact_id') }} as contact_id from {{ source('raw', 'erasures') }}

),

identities as (

    select
        {{ read_text('anonymous_id') }} as anonymous_id,
        {{ read_text('contact_id') }} as contact_id

    from {{ raw_rows('identities') }}

),

erased_actors as (

    select 'contact:' || contact_id as actor_id from erasures

    union

    select 'visitor:' || identities.anonymous_id as actor_id

    from identities

    inner join erasures on identities.contact_id = erasures.contact_id

),

final as (

    select
        signal_days.received_date as raw_date,
        sum(signal_days.matches) as rows_erased

    from signal_days

    inner join erased_actors on signal_days.actor_key = {{ hash_number(['erased_actors.actor_id']) }}

    group by signal_days.received_date

)

select * from final
