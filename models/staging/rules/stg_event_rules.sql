with

source as (

    select * from {{ ref(var('rules_project', 'lead_scoring'), 'event_rules') }}

),

rule_groups as (

    select * from {{ ref('stg_rule_groups') }}

),

typed as (

    select
        {{ read_text('rule_id') }} as rule_id,
        {{ read_text('model_id') }} as model_id,
        {{ read_text('rule_group') }} as rule_group,
        lower({{ read_text('event_type') }}) as event_type,
        lower({{ read_text('property') }}) as property,
        {{ read_text('comparison') }} as comparison,
        {{ read_operand('property', 'comparison', 'operand') }} as operand,
        lower({{ read_text('and_property') }}) as and_property,
        {{ read_text('and_comparison') }} as and_comparison,
        {{ read_operand('and_property', 'and_comparison', 'and_operand') }} as and_operand,
        coalesce({{ read_text('measure') }}, 'events') as measure,
        coalesce({{ read_amount('unit') }}, {{ read_amount('1') }}) as unit,
        {{ read_points('points') }} as points,
        {{ read_amount('max_per_period') }} as max_per_period,
        coalesce({{ read_whole('period_days') }}, 1) as period_days,
        {{ read_whole('min_times') }} as min_times,
        {{ read_amount('max_times') }} as max_times,
        {{ read_whole('within_days') }} as within_days,
        coalesce({{ read_text('decay') }}, 'none') as decay,
        {{ read_amount('decay_days') }} as decay_days,
        {{ read_points('decay_percent') }} as decay_percent,
        coalesce({{ read_text('scale') }}, 'none') as scale,
        {{ read_points('min_points') }} as min_points,
        {{ read_points('max_points') }} as max_points,
        {{ read_date('valid_from') }} as valid_from,
        {{ read_date('valid_to') }} as valid_to,
        {{ read_text('description') }} as description,
        lower({{ read_text('after_event_type') }}) as after_event_type,
        {{ read_whole('after_within_days') }} as after_within_days

    from source

),

conditions as (

    select distinct
        rule_id,
        conditions_hash

    from {{ ref('stg_rule_conditions') }}

),

-- What is kept of a signal was matched with the lists as they were: with other items it is another signal.
lists as (

    select distinct
        list,
        items_hash

    from {{ ref('stg_reference_lists') }}

),

rules as (

    select
        typed.*,
        conditions.conditions_hash,
        {{ hash_number(['typed.rule_id']) }} as rule_key,
        rule_groups.dimension,
        rule_groups.weight,

        -- Rules with the same events, conditions and measure share a signal.
        {{ hash_of_all([
            'typed.event_type', 'typed.property', 'typed.comparison', 'typed.operand', 'lists.items_hash', 'typed.and_property', 'typed.and_comparison',
            'typed.and_operand', 'and_lists.items_hash', 'typed.measure', 'typed.unit', 'conditions.conditions_hash', 'typed.after_event_type',
            'typed.after_within_days'
        ]) }} as signal_id,
        case
            when typed.after_event_type is not null
                then {{ hash_number(['typed.event_type', 'typed.after_event_type', 'typed.after_within_days']) }}
        end as after_key,
        -- Counting all events of a type: int_signal_days has this for every type.
        typed.comparison is null and typed.and_comparison is null and conditions.rule_id is null
        and typed.after_event_type is null and typed.measure = 'events' as is_plain

    from typed

    inner join rule_groups
        on
            typed.model_id = rule_groups.model_id
            and typed.rule_group = rule_groups.rule_group
    left join conditions on typed.rule_id = conditions.rule_id
    left join lists on typed.operand = lists.list -- noqa: ST11
    left join lists as and_lists on typed.and_operand = and_lists.list -- noqa: ST11

),

final as (

    select
        *,
        case when is_plain then {{ hash_number(['event_type']) }} else {{ hash_number(['signal_id']) }} end as signal_key

    from rules

)

select * from final
