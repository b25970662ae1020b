with

attribute_rules as (

    select * from {{ ref('stg_attribute_rules') }}

),

rule_groups as (

    select * from {{ ref('int_rule_groups') }}

),

final as (

    select
        attribute_rules.*,
        rule_groups.dimension,
        rule_groups.weight

    from attribute_rules

    inner join rule_groups
        on
            attribute_rules.model_id = rule_groups.model_id
            and attribute_rules.rule_group = rule_groups.rule_group

)

select * from final
