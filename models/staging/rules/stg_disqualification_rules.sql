with

source as (

    select * from {{ ref(var('rules_project', 'lead_scoring'), 'disqualification_rules') }}

),

typed as (

    select
        {{ read_text('rule_id') }} as rule_id,
        {{ read_text('model_id') }} as model_id,
        {{ read_text('source') }} as source,
        lower({{ read_text('name') }}) as name,
        {{ read_text('comparison') }} as comparison,
        {{ read_text('operand') }} as operand,
        {{ read_text('reason') }} as reason

    from source

),

-- Only of scored models.
final as (

    select * from typed
    where model_id in (select models.model_id from {{ ref('stg_score_models') }} as models)

)

select * from final
