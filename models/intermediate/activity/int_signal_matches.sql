{{ config(materialized='view') }}

with

events as (

    select * from {{ ref('int_unique_events') }}

),

signals as (

    select * from {{ ref('int_signals_to_add_up') }}

),

candidates as (

    select
        events.actor_id,
        events.occurred_date,
        signals.*,
        {{ event_property('events', 'signals.property') }} as property_value,
        {{ event_property('events', 'signals.and_property') }} as and_property_value,
        case signals.measure
            when 'events' then 1
            when 'duration_seconds' then greatest(coalesce(events.duration_seconds, 0), 0)
            when 'value' then greatest(coalesce(events.value, 0), 0)
        end as measured

    from events

    inner join signals
        on
            events.event_type = signals.event_type
            and events.received_date = signals.received_date

),

-- Each match is rounded on its own, before anything is added up.
final as (

    select
        actor_id,
        signal_id,
        occurred_date,
        received_date,
        case
            when measure = 'events' or unit = 1 then measured
            else {{ divided('measured', 'unit') }}
        end as amount

    from candidates

    where
        (comparison is null or {{ condition_holds('property_value', 'comparison', 'operand') }})
        and (and_comparison is null or {{ condition_holds('and_property_value', 'and_comparison', 'and_operand') }})

)

select * from final
