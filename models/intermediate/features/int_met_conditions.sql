-- Conditions met by each contact version.

with

conditions as (

    select * from {{ ref('int_attribute_conditions') }}

),

attributes as (

    select * from {{ ref('stg_contact_attributes') }}

),

versions as (

    select * from {{ ref('int_contact_versions') }}

),

-- Evaluated once per value, not per contact.
observed as (

    select distinct
        attribute,
        value
    from attributes

),

met as (

    select
        conditions.condition_key,
        observed.attribute,
        observed.value

    from conditions

    inner join observed on conditions.attribute = observed.attribute

    where {{ condition_holds('observed.value', 'conditions.comparison', 'conditions.operand') }}

),

-- An attribute without a column is missing for every contact, which a rule may test.
met_by_all as (

    select condition_key from conditions

    where
        attribute not in (select observed.attribute from observed)
        and {{ condition_holds(as_text('null'), 'comparison', 'operand') }}

),

final as (

    select
        attributes.version_hash,
        met.condition_key,
        attributes.value

    from attributes

    inner join met
        on
            attributes.attribute = met.attribute
            and attributes.value is not distinct from met.value

    union all

    select
        versions.version_hash,
        met_by_all.condition_key,
        {{ as_text('null') }} as value

    from versions

    cross join met_by_all

)

select * from final
