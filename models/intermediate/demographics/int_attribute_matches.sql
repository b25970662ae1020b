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

conditions as (

    select * from {{ ref('int_attribute_conditions') }}

),

-- Which versions meet a condition: those with a value that meets it, or all where the source lacks the attribute.
met as (

    select
        attributes.version_hash,
        conditions.rule_id,
        conditions.is_second,
        attributes.value

    from conditions

    inner join attributes
        on
            conditions.attribute = attributes.attribute
            and conditions.value is not distinct from attributes.value

    where conditions.is_in_source

    union all

    select
        versions.version_hash,
        conditions.rule_id,
        conditions.is_second,
        conditions.value

    from conditions

    cross join versions

    where not conditions.is_in_source

),

met_first as (

    select * from met
    where not is_second

),

met_second as (

    select * from met
    where is_second

),

final as (

    select
        met_first.version_hash,
        met_first.rule_id,
        met_first.value as observed

    from met_first

    inner join rules on met_first.rule_id = rules.rule_id

    left join met_second
        on
            met_first.version_hash = met_second.version_hash
            and met_first.rule_id = met_second.rule_id

    where
        rules.and_comparison is null
        or met_second.version_hash is not null

)

select * from final
