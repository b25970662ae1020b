with

source as (

    select * from {{ ref(var('rules_project', 'lead_scoring'), 'rule_groups') }}

),

models as (

    select * from {{ ref('stg_score_models') }}

),

typed as (

    select
        {{ read_text('model_id') }} as model_id,
        {{ read_text('rule_group') }} as rule_group,
        {{ read_text('dimension') }} as dimension,
        {{ read_points('min_points') }} as min_points,
        {{ read_points('max_points') }} as max_points

    from source

),

final as (

    select
        {{ hash_number(['typed.model_id', 'typed.rule_group']) }} as group_key,
        typed.model_id,
        typed.rule_group,
        typed.dimension,
        case typed.dimension
            when 'behavioural' then models.behavioural_weight
            else models.demographic_weight
        end as weight,
        typed.min_points,
        typed.max_points

    from typed

    inner join models on typed.model_id = models.model_id

)

select * from final
