with

raw_days as (

    select * from {{ ref('int_raw_days') }}

),

actor_days as (

    select * from {{ ref('int_actor_days') }}
    where actor_id is not null

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

used as (

    select actor_days.*

    from actor_days

    inner join actors on actor_days.actor_id = actors.actor_id

),

-- Events of visitors who are not identified yet.
waiting as (

    select actor_days.*

    from actor_days

    left join actors on actor_days.actor_id = actors.actor_id

    where
        actors.actor_id is null
        and {{ starts_with_text('actor_days.actor_id', "'visitor:'") }}

),

-- A copy that names an unknown contact is rejected.
duplicates as (

    select copies.*

    from copies

    left join actors on copies.actor_id = actors.actor_id

    where
        copies.contact_id is null
        or actors.actor_id is not null

),

counted as (

    select
        nullif(received_date, {{ as_date("'0001-01-01'") }}) as load_date,
        'rows_in' as measure,
        rows_in as number

    from raw_days

    union all

    select
        received_date as load_date,
        'rows_used' as measure,
        events as number

    from used

    union all

    select
        received_date as load_date,
        'rows_waiting' as measure,
        events as number

    from waiting

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
        sum(case when measure = 'rows_in' then number else 0 end) as rows_in,
        sum(case when measure = 'rows_used' then number else 0 end) as rows_used,
        sum(case when measure = 'rows_waiting' then number else 0 end) as rows_waiting,
        sum(case when measure = 'rows_duplicate' then number else 0 end) as rows_duplicate,
        sum(case when measure = 'rows_rejected' then number else 0 end) as rows_rejected

    from counted

    group by load_date

)

select * from final
