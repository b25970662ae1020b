with

event_rules as (

    select * from {{ ref('int_event_rules') }}

),

final as (

    select distinct
        signal_id,
        signal_key,
        event_type,
        property,
        comparison,
        operand,
        and_property,
        and_comparison,
        and_operand,
        measure,
        unit,
        is_plain

    from event_rules

)

select * from final
