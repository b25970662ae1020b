with

event_rules as (

    select * from {{ ref('int_event_rules') }}

),

final as (

    select distinct
        signal_id,
        event_type,
        property,
        comparison,
        operand,
        and_property,
        and_comparison,
        and_operand,
        measure,
        unit,
        -- All events of a type, counted: int_actor_days has the number of each day.
        comparison is null and and_comparison is null and measure = 'events' as is_plain

    from event_rules

)

select * from final
