-- The parts of int_signal_days: for each received day its events by type, and its matches of each rule signal. A part changes
-- with the day's rows, and with which of them are unused duplicates.

with

signals as (

    select distinct signal_id from {{ ref('stg_event_rules') }}
    where not is_plain

),

raw_days as (

    select * from {{ ref('int_raw_days') }}
    where received_date > {{ as_date("'0001-01-01'") }}

),

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

days as (

    select
        raw_days.received_date,
        raw_days.rows_in,
        {{ hash_number(['raw_days.part_version', 'unused_by_day.unused_hash']) }} as part_version

    from raw_days

    left join unused_by_day on raw_days.received_date = unused_by_day.received_date -- noqa: ST11

),

final as (

    select
        received_date,
        'types' as counted_for,
        rows_in,
        part_version

    from days

    union all

    select
        days.received_date,
        signals.signal_id as counted_for,
        days.rows_in,
        days.part_version

    from days

    cross join signals

)

select * from final
