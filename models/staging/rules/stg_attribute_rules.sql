with

source as (

    select * from {{ ref(var('rules_project', 'lead_scoring'), 'attribute_rules') }}

),

rule_groups as (

    select * from {{ ref('stg_rule_groups') }}

),

typed as (

    select
        {{ read_text('rule_id') }} as rule_id,
        {{ read_text('model_id') }} as model_id,
        {{ read_text('rule_group') }} as rule_group,
        lower({{ read_text('attribute') }}) as attribute,
        {{ read_text('comparison') }} as comparison,
        {{ read_text('operand') }} as operand,
        lower({{ read_text('and_attribute') }}) as and_attribute,
        {{ read_text('and_comparison') }} as and_comparison,
        {{ read_text('and_operand') }} as and_operand,
        {{ read_points('points') }} as points,
        {{ read_date('valid_from') }} as valid_from,
        {{ read_date('valid_to') }} as valid_to,
        {{ read_text('description') }} as description

    from source

),

final as (

    select
        typed.*,
        {{ hash_number(['typed.rule_id']) }} as rule_key,
        rule_groups.dimension,
        rule_groups.weight

    from typed

    inner join rule_groups
        on
            typed.model_id = rule_groups.model_id
            and typed.rule_group = rule_groups.rule_group

)

select * from final
