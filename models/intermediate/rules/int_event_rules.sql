with

event_rules as (

    select * from {{ ref('stg_event_rules') }}

),

rule_groups as (

    select * from {{ ref('int_rule_groups') }}

),

final as (

    select
        event_rules.*,
        rule_groups.dimension,
        rule_groups.weight,

        -- Rules that look for the same events in the same measure share a signal, named after the first of them.
        min(event_rules.rule_id) over (
            partition by
                event_rules.event_type,
                event_rules.property,
                event_rules.comparison,
                event_rules.operand,
                event_rules.and_property,
                event_rules.and_comparison,
                event_rules.and_operand,
                event_rules.measure,
                event_rules.unit
        ) as signal_id

    from event_rules

    inner join rule_groups
        on
            event_rules.model_id = rule_groups.model_id
            and event_rules.rule_group = rule_groups.rule_group

)

select * from final
