with

source as (

    select * from {{ ref(var('rules_project', 'lead_scoring'), 'conversion_goals') }}

),

final as (

    select
        {{ read_text('model_id') }} as model_id,
        {{ read_text('goal_id') }} as goal_id,
        lower({{ read_text('outcome') }}) as outcome,
        {{ read_whole('within_days') }} as within_days,
        {{ read_text('eligible') }} as eligible,
        lower({{ read_text('eligible_event_type') }}) as eligible_event_type,
        {{ read_whole('eligible_within_days') }} as eligible_within_days,
        lower({{ read_text('segment_attribute') }}) as segment_attribute,
        {{ read_whole('evaluated_days') }} as evaluated_days,
        {{ read_whole('attribution_days') }} as attribution_days,
        {{ read_text('description') }} as description

    from source

)

select * from final
