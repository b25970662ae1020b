with

event_rules as (

    select * from {{ ref('int_event_rules') }}

),

final as (

    select
        signal_id,
        event_type,
        property,
        comparison,
        operand,
        and_property,
        and_comparison,
        and_operand,
        measure,
        unit

    from event_rules

    where signal_id = rule_id

)

select * from final
