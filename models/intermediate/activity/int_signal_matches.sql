{{ config(materialized='view') }}

-- Each event matches its event type, and each rule signal whose conditions it meets. Both read the events for themselves: of an import
-- that both read, DuckDB would write out all days, not those that are asked for.

with

filtered_events as (

    select * from {{ ref('int_filtered_events') }}

),

events as (

    select * from {{ ref('int_unique_events') }}

),

further_matches as (

    select * from {{ ref('int_further_matches') }}

),

signals as (

    select distinct -- noqa: LT09
        signal_id, signal_key, event_type, property, comparison, operand, and_property, and_comparison, and_operand, measure, unit,
        conditions_hash, after_key
    from {{ ref('stg_event_rules') }}
    where not is_plain

),

-- Of all lists those that a signal names, if any.
named_lists as ( -- noqa: ST03

    select * from {{ ref('stg_reference_lists') }}
    where list in (select signals.operand from signals) or list in (select signals.and_operand from signals)

),

-- The properties that a signal looks at.
looked_at as (

    select
        events.event_id, events.event_type, events.actor_key, events.occurred_date, events.received_date, -- noqa: LT09
        filtered_events.filtered_date,
        signals.signal_id, signals.signal_key, signals.comparison, signals.operand, signals.and_comparison, signals.and_operand,
        further_matches.holds_from, further_matches.holds_until,
        {{ event_property('events', 'signals.property') }} as property_value,
        {{ event_property('events', 'signals.and_property') }} as and_property_value,
        {{ measured('events', 'signals') }} as amount
    from {{ ref('int_unique_events') }} as events
    inner join signals on events.event_type = signals.event_type
    left join filtered_events
        on
            events.event_key = filtered_events.event_key
            and events.actor_key = filtered_events.actor_key
    left join further_matches
        on
            events.event_key = further_matches.event_key
            and events.actor_key = further_matches.actor_key
            and signals.signal_id = further_matches.signal_id
    where (signals.conditions_hash is null and signals.after_key is null) or further_matches.signal_id is not null

),

final as (

    select
        events.event_id,
        events.event_type,
        events.actor_key,
        {{ hash_number(['events.event_type']) }} as signal_key,
        'types' as counted_for,
        events.occurred_date,
        events.received_date,
        filtered_events.filtered_date,
        {{ as_date('null') }} as holds_from,
        {{ as_date('null') }} as holds_until,
        1 as amount,
        events.duration_seconds as seconds,
        events.value,
        events.occurred_at
    from events
    left join filtered_events
        on
            events.event_key = filtered_events.event_key
            and events.actor_key = filtered_events.actor_key

    union all

    select -- noqa: LT09
        event_id, event_type, actor_key, signal_key,
        signal_id as counted_for,
        occurred_date, received_date, filtered_date,
        greatest(
            {{ holds_from('property_value', 'comparison', 'operand') }},
            {{ holds_from('and_property_value', 'and_comparison', 'and_operand') }},
            holds_from
        ) as holds_from,
        least(
            {{ holds_until('property_value', 'comparison', 'operand') }},
            {{ holds_until('and_property_value', 'and_comparison', 'and_operand') }},
            holds_until
        ) as holds_until,
        amount,
        null as seconds,
        null as value,
        null as occurred_at
    from looked_at
    where
        (comparison is null or {{ condition_holds('property_value', 'comparison', 'operand', 'named_lists') }})
        and (and_comparison is null or {{ condition_holds('and_property_value', 'and_comparison', 'and_operand', 'named_lists') }})

)

select * from final
