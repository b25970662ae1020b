with

event_rules as (

    select * from {{ ref('stg_event_rules') }}

),

rule_groups as (

    select * from {{ ref('int_rule_groups') }}

),

signals as (

    select
        {{ hash_number(['event_rules.rule_id']) }} as rule_key,
        event_rules.rule_id,
        event_rules.model_id,
        event_rules.rule_group,
        event_rules.event_type,
        event_rules.property,
        event_rules.comparison,
        event_rules.operand,
        event_rules.and_property,
        event_rules.and_comparison,
        event_rules.and_operand,
        event_rules.measure,
        event_rules.unit,
        event_rules.points,
        event_rules.max_per_period,
        event_rules.period_days,
        event_rules.min_times,
        event_rules.max_times,
        event_rules.within_days,
        event_rules.decay,
        event_rules.decay_days,
        event_rules.decay_percent,
        event_rules.scale,
        event_rules.min_points,
        event_rules.max_points,
        event_rules.valid_from,
        event_rules.valid_to,
        event_rules.description,
        rule_groups.dimension,
        rule_groups.weight,

        -- Rules with the same events, conditions and measure share a signal.
        {{ hash_of_all([
            'event_rules.event_type',
            'event_rules.property',
            'event_rules.comparison',
            'event_rules.operand',
            'event_rules.and_property',
            'event_rules.and_comparison',
            'event_rules.and_operand',
            'event_rules.measure',
            'event_rules.unit'
        ]) }} as signal_id,
        -- Counting all events of a type: int_signal_days has this for every type.
        event_rules.comparison is null and event_rules.and_comparison is null and event_rules.measure = 'events' as is_plain

    from event_rules

    inner join rule_groups
        on
            event_rules.model_id = rule_groups.model_id
            and event_rules.rule_group = rule_groups.rule_group

),

final as (

    select
        *,
        case when is_plain then {{ hash_number(['event_type']) }} else {{ hash_number(['signal_id']) }} end as signal_key

    from signals

)

select * from final
