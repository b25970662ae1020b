with

attributes as (

    select * from {{ ref('int_contact_attributes') }}

),

rules as (

    select * from {{ ref('int_attribute_rules') }}

),

named as (

    select attribute from rules

    union

    select and_attribute as attribute from rules
    where and_attribute is not null

),

-- An attribute that the source does not have is missing for everyone, which is something that a rule may ask for.
final as (

    select distinct
        named.attribute,
        attributes.value,
        attributes.attribute is not null as is_in_source

    from named

    left join attributes on named.attribute = attributes.attribute

)

select * from final
