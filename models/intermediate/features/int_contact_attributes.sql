with

attributes as (

    select * from {{ ref('stg_contact_attributes') }}

),

versions as (

    select * from {{ ref('int_contact_versions') }}

),

final as (

    select
        versions.version_hash,
        attributes.attribute,
        attributes.value

    from attributes

    inner join versions on attributes.version_hash = versions.version_hash

)

select * from final
