with

observed as (

    select * from {{ ref('int_attribute_values') }}

),

rules as (

    select * from {{ ref('int_attribute_rules') }}

),

conditions as (

    select
        rule_id,
        false as is_second,
        attribute,
        comparison,
        operand

    from rules

    union all

    select
        rule_id,
        true as is_second,
        and_attribute as attribute,
        and_comparison as comparison,
        and_operand as operand

    from rules

    where and_comparison is not null

),

final as (

    select
        conditions.rule_id,
        conditions.is_second,
        conditions.attribute,
        observed.value,
        observed.is_in_source

    from conditions

    inner join observed on conditions.attribute = observed.attribute

    where {{ condition_holds('observed.value', 'conditions.comparison', 'conditions.operand') }}

)

select * from final
