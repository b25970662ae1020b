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
        rows_in,
        0 as rows_used,
        0 as rows_waiting,
        0 as rows_duplicate,
        0 as rows_rejected

    from raw_days

    union all

    select
        received_date as load_date,
        0 as rows_in,
        events as rows_used,
        0 as rows_waiting,
        0 as rows_duplicate,
        0 as rows_rejected

    from used

    union all

    select
        received_date as load_date,
        0 as rows_in,
        0 as rows_used,
        events as rows_waiting,
        0 as rows_duplicate,
        0 as rows_rejected

    from waiting

    union all

    select
        received_date as load_date,
        0 as rows_in,
        0 as rows_used,
        0 as rows_waiting,
        1 as rows_duplicate,
        0 as rows_rejected

    from duplicates

    union all

    select
        load_date,
        0 as rows_in,
        0 as rows_used,
        0 as rows_waiting,
        0 as rows_duplicate,
        1 as rows_rejected

    from rejected

),

final as (

    select
        load_date,
        sum(rows_in) as rows_in,
        sum(rows_used) as rows_used,
        sum(rows_waiting) as rows_waiting,
        sum(rows_duplicate) as rows_duplicate,
        sum(rows_rejected) as rows_rejected

    from counted

    group by load_date

)

select * from final
