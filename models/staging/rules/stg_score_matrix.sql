with

source as (

    select * from {{ ref(var('rules_project', 'lead_scoring'), 'score_matrix') }}

),

final as (

    select
        {{ read_text('model_id') }} as model_id,
        {{ read_text('demographic_band') }} as demographic_band,
        {{ read_text('behavioural_band') }} as behavioural_band,
        {{ read_text('grade') }} as grade,
        {{ read_whole('priority') }} as priority,
        {{ read_text('next_action') }} as next_action

    from source

)

select * from final
