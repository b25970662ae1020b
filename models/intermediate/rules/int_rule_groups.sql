with

rule_groups as (

    select * from {{ ref('stg_rule_groups') }}

),

models as (

    select * from {{ ref('stg_score_models') }}

),

final as (

    select
        {{ hash_number(['rule_groups.model_id', 'rule_groups.rule_group']) }} as group_key,
        rule_groups.model_id,
        rule_groups.rule_group,
        rule_groups.dimension,
        case rule_groups.dimension
            when 'behavioural' then models.behavioural_weight
            else models.demographic_weight
        end as weight,
        rule_groups.min_points,
        rule_groups.max_points

    from rule_groups

    inner join models on rule_groups.model_id = models.model_id

)

select * from final
