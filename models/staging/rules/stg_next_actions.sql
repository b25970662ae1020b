with

source as (

    select * from {{ ref(var('rules_project', 'lead_scoring'), 'next_actions') }}

),

typed as (

    select
        {{ read_text('model_id') }} as model_id,
        {{ read_whole('precedence') }} as precedence,
        {{ read_text('stage') }} as stage,
        {{ read_text('kind') }} as kind,
        {{ read_text('grade') }} as grade,
        {{ read_text('band') }} as band,
        lower({{ read_text('event_type') }}) as event_type,
        {{ read_whole('within_days') }} as within_days,
        lower({{ read_text('attribute') }}) as attribute,
        {{ read_text('comparison') }} as comparison,
        {{ read_text('operand') }} as operand,
        {{ read_whole('priority') }} as priority,
        {{ read_text('next_action') }} as next_action,
        {{ read_text('description') }} as description

    from source

),

-- Only of scored models.
final as (

    select * from typed
    where model_id in (select models.model_id from {{ ref('stg_score_models') }} as models)

)

select * from final
