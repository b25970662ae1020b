{{ config(materialized='view') }}

with

signals as (

    select * from {{ ref('int_signals') }}
    where not is_plain

),

days as (

    select * from {{ ref('int_received_days') }}

),

days_added_up as (

    select * from {{ ref('stg_signal_days') }}
    where
        day_version is not null
        and not {{ flags.FULL_REFRESH }}

),

-- Each day of a new signal, and each day whose events have changed.
final as (

    select
        signals.signal_id,
        signals.event_type,
        signals.property,
        signals.comparison,
        signals.operand,
        signals.and_property,
        signals.and_comparison,
        signals.and_operand,
        signals.measure,
        signals.unit,
        days.received_date,
        days.day_version

    from days

    cross join signals

    left join days_added_up
        on
            days.received_date = days_added_up.received_date
            and signals.signal_id = days_added_up.signal_id

    where days.day_version is distinct from days_added_up.day_version

)

select * from final
