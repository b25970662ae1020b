with

attribute_rules as (

    select * from {{ ref('stg_attribute_rules') }}

),

rule_groups as (

    select * from {{ ref('int_rule_groups') }}

),

final as (

    select
        {{ hash_number(['attribute_rules.rule_id']) }} as rule_key,
        attribute_rules.rule_id,
        attribute_rules.model_id,
        attribute_rules.rule_group,
        attribute_rules.attribute,
        attribute_rules.comparison,
        attribute_rules.operand,
        attribute_rules.and_attribute,
        attribute_rules.and_comparison,
        attribute_rules.and_operand,
        attribute_rules.points,
        attribute_rules.valid_from,
        attribute_rules.valid_to,
        attribute_rules.description,
        rule_groups.dimension,
        rule_groups.weight

    from attribute_rules

    inner join rule_groups
        on
            attribute_rules.model_id = rule_groups.model_id
            and attribute_rules.rule_group = rule_groups.rule_group

)

select * from final
