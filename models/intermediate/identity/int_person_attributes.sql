{{ config(materialized='view') }}

-- Attributes of contact versions, and of survivors: what a survivor lacks is taken from the merged contact that was updated last.

with

attributes as (

    select * from {{ ref('int_dated_attributes') }}

),

members as (

    select distinct
        version_hash,
        member_hash,
        place
    from {{ ref('int_person_members') }}
    where version_hash <> member_hash

),

numbered as (

    select
        members.version_hash,
        attributes.attribute,
        attributes.value,
        row_number() over (
            partition by members.version_hash, attributes.attribute
            order by case when attributes.value is null then 1 else 0 end, members.place
        ) as value_number

    from members

    inner join attributes on members.member_hash = attributes.version_hash

),

final as (

    select
        version_hash,
        attribute,
        value
    from attributes

    union all

    select
        version_hash,
        attribute,
        value
    from numbered
    where value_number = 1

)

select * from final
