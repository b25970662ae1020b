-- The days as they are in int_received_events now.
-- depends_on: {{ ref('int_received_events') }}

with

raw_days as (

    select * from {{ ref('int_raw_days') }}
    where received_date > {{ as_date("'0001-01-01'") }}

),

-- Copies that are not used, each known by all its values.
unused_copies as (

    select
        copies.received_date,
        {{ hash_of(row_text('copies')) }} as copy_hash

    from {{ ref('int_event_copies') }} as copies

    where copies.copy_number > 1

),

unused_by_day as (

    select
        received_date,
        {{ hash_of(joined('copy_hash', "'|'", 'copy_hash')) }} as unused_hash

    from unused_copies

    group by received_date

),

final as (

    select
        raw_days.received_date,
        {{ as_text('raw_days.rows_in') }} || ':' || raw_days.rows_hash || coalesce(':' || unused_by_day.unused_hash, '') as day_version

    from raw_days

    left join unused_by_day on raw_days.received_date = unused_by_day.received_date

)

select * from final
