-- The parts of int_signal_days: for each received day its events by type, and its matches of each rule signal. A part changes
-- with the day's rows, with which of them are unused duplicates, with which are filtered, and with which follow another event.

with

signals as (

    select distinct -- noqa: LT09
        signal_id, after_key
    from {{ ref('stg_event_rules') }}
    where not is_plain

),

raw_days as (

    select * from {{ ref('int_raw_days') }}
    where received_date > {{ as_date("'0001-01-01'") }}

),

unused_by_day as (

    select
        received_date,
        {{ hash_of(joined(hash_of(row_text('copies')), "'|'", hash_of(row_text('copies')))) }} as unused_hash
    from {{ ref('int_event_copies') }} as copies -- noqa: AL05
    where copy_number > 1
    group by received_date

),

preceded_by_day as (

    select
        received_date,
        after_key,
        {{ rows_hash(['event_id', 'holds_from', 'holds_until']) }} as preceded_hash
    from {{ ref('int_preceded_events') }}
    group by received_date, after_key

),

filtered_by_day as (

    select
        received_date,
        {{ rows_hash(['event_id', 'filtered_date']) }} as filtered_hash

    from {{ ref('int_filtered_events') }}

    group by received_date

),

rows_by_day as (

    select
        raw_days.received_date,
        raw_days.rows_in,
        {{ hash_number(['raw_days.part_version', 'unused_by_day.unused_hash']) }} as rows_version

    from raw_days

    left join unused_by_day on raw_days.received_date = unused_by_day.received_date -- noqa: ST11

),

days as (

    select
        rows_by_day.*,
        case
            when filtered_by_day.filtered_hash is null then rows_by_day.rows_version
            else {{ hash_number(['rows_by_day.rows_version', 'filtered_by_day.filtered_hash']) }}
        end as part_version

    from rows_by_day

    left join filtered_by_day on rows_by_day.received_date = filtered_by_day.received_date

),

final as (

    select
        received_date,
        'types' as counted_for,
        rows_in,
        rows_version,
        part_version

    from days

    union all

    select
        days.received_date,
        signals.signal_id as counted_for,
        days.rows_in,
        days.rows_version,
        case
            when preceded_by_day.preceded_hash is null then days.part_version
            else {{ hash_number(['days.part_version', 'preceded_by_day.preceded_hash']) }}
        end as part_version

    from days

    cross join signals

    left join preceded_by_day
        on
            days.received_date = preceded_by_day.received_date
            and signals.after_key = preceded_by_day.after_key

)

select * from final
