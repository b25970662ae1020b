with

source as (

    select * from {{ ref(var('rules_project', 'lead_scoring'), 'activity_rules') }}

),

final as (

    select
        {{ read_text('rule_id') }} as rule_id,
        {{ read_text('model_id') }} as model_id,
        {{ read_text('rule_group') }} as rule_group,
        {{ read_text('feature') }} as feature,
        lower({{ read_text('event_type') }}) as event_type,
        {{ read_whole('within_days') }} as within_days,
        {{ read_amount('lower') }} as lower,
        {{ read_amount('upper') }} as upper,
        {{ read_points('points') }} as points,
        {{ read_date('valid_from') }} as valid_from,
        {{ read_date('valid_to') }} as valid_to,
        {{ read_text('description') }} as description

    from source

)

select * from final
