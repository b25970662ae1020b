with

source as (

    select * from {{ ref(var('rules_project', 'lead_scoring'), 'score_bands') }}

),

final as (

    select
        {{ read_text('model_id') }} as model_id,
        {{ read_text('dimension') }} as dimension,
        {{ read_text('band') }} as band,
        {{ read_points('min_score') }} as min_score,
        {{ read_points('keep_score') }} as keep_score,
        {{ read_text('description') }} as description

    from source

)

select * from final
