with

attributes as (

    select * from {{ ref('stg_contact_attributes') }}

),

versions as (

    select * from {{ ref('int_contact_versions') }}

),

-- The same row loaded twice has the same attributes twice.
final as (

    select distinct
        versions.version_hash,
        attributes.attribute,
        attributes.value

    from attributes

    inner join versions on attributes.version_hash = versions.version_hash

)

select * from final
