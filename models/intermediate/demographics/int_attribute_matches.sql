with

versions as (

    select * from {{ ref('int_contact_versions') }}

),

rules as (

    select * from {{ ref('int_attribute_rules') }}

),

attributes as (

    select * from {{ ref('int_contact_attributes') }}

),

-- An attribute that the source does not have is missing for everyone, which is something that a rule may ask for.
candidates as (

    select
        versions.version_hash,
        rules.rule_id,
        rules.comparison,
        rules.operand,
        rules.and_comparison,
        rules.and_operand,
        attributes.value,
        and_attributes.value as and_value

    from versions

    cross join rules

    left join attributes
        on
            versions.version_hash = attributes.version_hash
            and rules.attribute = attributes.attribute

    left join attributes as and_attributes
        on
            versions.version_hash = and_attributes.version_hash
            and rules.and_attribute = and_attributes.attribute

),

final as (

    select
        version_hash,
        rule_id,
        value as observed

    from candidates

    where
        {{ condition_holds('value', 'comparison', 'operand') }}
        and (and_comparison is null or {{ condition_holds('and_value', 'and_comparison', 'and_operand') }})

)

select * from final
