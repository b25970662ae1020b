with

source as (

    select * from {{ ref(var('rules_project', 'lead_scoring'), 'rule_groups') }}

),

final as (

    select
        {{ read_text('model_id') }} as model_id,
        {{ read_text('rule_group') }} as rule_group,
        {{ read_text('dimension') }} as dimension,
        {{ read_points('min_points') }} as min_points,
        {{ read_points('max_points') }} as max_points,
        {{ read_text('description') }} as description

    from source

)

select * from final
