{{
    config(
        materialized='incremental',
        incremental_strategy='parts',
        part=['received_date', 'counted_for', 'part_version'],
        keep='int_signal_parts',
        on_schema_change='fail'
    )
}}

-- Events by actor, day and signal. Every type of events is a signal; others are what rules look for.

with

events as (

    select * from {{ ref('int_unique_events') }}

),

signals as (

    select * from {{ ref('int_signals') }}
    where not is_plain

),

signal_parts as (

    select * from {{ ref('int_signal_parts') }}

),

parts_to_make as (

    select
        received_date,
        counted_for,
        part_version
    from signal_parts

    {% if is_incremental() %}
    except

    select
        received_date,
        counted_for,
        part_version
    from {{ this }}
    {% endif %}

),

by_type as (

    select
        events.actor_key,
        {{ hash_number(['events.event_type']) }} as signal_key,
        events.occurred_date,
        events.received_date,
        parts_to_make.counted_for,
        parts_to_make.part_version,
        count(*) as matches,
        count(*) as amount,
        coalesce(sum(events.duration_seconds), 0) as seconds,
        coalesce(sum(events.value), 0) as value,
        max(events.occurred_at) as last_event_at

    from events

    inner join parts_to_make
        on
            events.received_date = parts_to_make.received_date
            and parts_to_make.counted_for = 'types'

    group by
        events.actor_key,
        events.event_type,
        events.occurred_date,
        events.received_date,
        parts_to_make.counted_for,
        parts_to_make.part_version

),

signal_matches as (

    select
        events.actor_key,
        signals.signal_key,
        events.occurred_date,
        events.received_date,
        parts_to_make.counted_for,
        parts_to_make.part_version,
        {{ measured('events', 'signals') }} as amount

    from events

    inner join parts_to_make on events.received_date = parts_to_make.received_date

    inner join signals
        on
            parts_to_make.counted_for = signals.signal_id
            and events.event_type = signals.event_type

    where
        (signals.comparison is null or {{ condition_holds(event_property('events', 'signals.property'), 'signals.comparison', 'signals.operand') }})
        and (
            signals.and_comparison is null
            or {{ condition_holds(event_property('events', 'signals.and_property'), 'signals.and_comparison', 'signals.and_operand') }}
        )

),

-- One more row a part, with no actor and nothing in it: of a part that holds nothing else it says that it is made.
final as (

    select * from by_type

    union all

    select
        actor_key,
        signal_key,
        occurred_date,
        received_date,
        counted_for,
        part_version,
        count(*) as matches,
        sum(amount) as amount,
        0 as seconds,
        0 as value,
        null as last_event_at

    from signal_matches

    group by actor_key, signal_key, occurred_date, received_date, counted_for, part_version

    union all

    select
        null as actor_key,
        null as signal_key,
        null as occurred_date,
        received_date,
        counted_for,
        part_version,
        0 as matches,
        0 as amount,
        0 as seconds,
        0 as value,
        null as last_event_at

    from parts_to_make

)

select * from final
