-- Rows of the last build, and of these those of erased contacts: events as they were kept, before int_signal_days is rebuilt without them;
-- rows of other tables as the raw tables still hold them.

with

known_days as (

    select * from {{ last_built(source('published', 'raw_table_days')) }}

),

signal_days as (

    select * from {{ last_built(source('kept', 'int_signal_days')) }}
    where counted_for = 'types'

),

erasures as (

    select distinct {{ read_text('contact_id') }} as contact_id from {{ raw_table('erasures') }}

),

erased_visitors as (

    select * from {{ ref('stg_erased_visitors') }}

),

erased_actors as (

    select 'contact:' || contact_id as actor_id from erasures

    union

    select 'visitor:' || anonymous_id as actor_id from erased_visitors

),

other_rows as (

    select 'identities' as table_name, {{ read_text('contact_id') }} as contact_id, {{ read_timestamp('identified_at') }} as raw_at -- noqa
    from {{ raw_rows('identities') }}
    union all
    select 'outcomes' as table_name, {{ read_text('contact_id') }} as contact_id, {{ read_timestamp('occurred_at') }} as raw_at -- noqa
    from {{ raw_rows('outcomes') }}
    union all
    select 'contact_attributes' as table_name, {{ read_text('contact_id') }} as contact_id, {{ read_timestamp('changed_at') }} as raw_at -- noqa
    from {{ raw_rows('contact_attributes') }}
    union all
    select 'overrides' as table_name, {{ read_text('contact_id') }} as contact_id, {{ read_timestamp('valid_from') }} as raw_at -- noqa
    from {{ raw_rows('overrides') }}

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
        other_rows.table_name,
        {{ as_date('other_rows.raw_at') }} as raw_date,
        0 as rows_known,
        count(*) as rows_erased

    from other_rows

    inner join erasures on other_rows.contact_id = erasures.contact_id

    group by other_rows.table_name, {{ as_date('other_rows.raw_at') }}

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
