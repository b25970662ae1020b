with

raw_days as (

    select * from {{ ref('int_raw_days') }}

),

events as (

    select * from {{ ref('int_events') }}

),

actors as (

    select * from {{ ref('int_actors') }}

),

copies as (

    select * from {{ ref('int_event_copies') }}
    where copy_number > 1

),

rejected as (

    select * from {{ ref('int_rejected_events') }}

),

-- Events of visitors who are not identified yet are waiting.
known_days as (

    select
        received_date as load_date,
        case when contact_key is not null then 'rows_used' else 'rows_waiting' end as measure,
        1 as number

    from events

),

-- A copy that names an unknown contact is rejected.
duplicates as (

    select copies.*

    from copies

    left join actors on copies.actor_key = actors.actor_key

    where
        copies.contact_id is null
        or actors.actor_key is not null

),

counted as (

    select
        nullif(received_date, {{ as_date("'0001-01-01'") }}) as load_date,
        'rows_in' as measure,
        rows_in as number

    from raw_days

    union all

    select
        load_date,
        measure,
        number

    from known_days

    union all

    select
        received_date as load_date,
        'rows_duplicate' as measure,
        1 as number

    from duplicates

    union all

    select
        load_date,
        'rows_rejected' as measure,
        1 as number

    from rejected

),

final as (

    select
        load_date,
        measure,
        sum(number) as number

    from counted

    group by
        load_date,
        measure

)

select * from final
