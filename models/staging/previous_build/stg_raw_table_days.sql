-- Events of erased contacts in the last build, counted before int_signal_days is rebuilt without them.

with

known_days as (

    select * from {{ last_built(source('published', 'raw_table_days')) }}

),

signal_days as (

    select * from {{ last_built(source('kept', 'int_signal_days')) }}
    where counted_for = 'types'

),

erasures as (

    select {{ read_text('contact_id') }} as contact_id from {{ raw_table('erasures') }}

),

erased_visitors as (

    select * from {{ ref('stg_erased_visitors') }}

),

erased_actors as (

    select 'contact:' || contact_id as actor_id from erasures

    union

    select 'visitor:' || anonymous_id as actor_id from erased_visitors

),

final as (

    select
        table_name,
        raw_date,
        rows_known,
        0 as rows_erased

    from known_days

    union all

    select
        'events' as table_name,
        signal_days.received_date as raw_date,
        0 as rows_known,
        sum(signal_days.matches) as rows_erased

    from signal_days

    inner join erased_actors on signal_days.actor_key = {{ hash_number(['erased_actors.actor_id']) }}

    group by signal_days.received_date

)

select * from final
