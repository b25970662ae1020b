with

source as (

    select * from {{ ref(var('rules_project', 'lead_scoring'), 'event_rules') }}

),

final as (

    select
        {{ read_text('rule_id') }} as rule_id,
        {{ read_text('model_id') }} as model_id,
        {{ read_text('rule_group') }} as rule_group,
        lower({{ read_text('event_type') }}) as event_type,
        {{ read_text('property') }} as property,
        {{ read_text('comparison') }} as comparison,
        {{ read_text('operand') }} as operand,
        {{ read_text('and_property') }} as and_property,
        {{ read_text('and_comparison') }} as and_comparison,
        {{ read_text('and_operand') }} as and_operand,
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
        {{ read_text('description') }} as description

    from source

)

select * from final
