with

goals as (

    select * from {{ ref('int_conversion_goals') }}
    where segment_attribute is not null

),

versions as (

    select * from {{ ref('int_person_versions') }}

),

attributes as (

    select * from {{ ref('int_person_attributes') }}

),

final as (

    select
        goals.goal_key,
        versions.contact_id,
        coalesce(attributes.value, 'missing') as segment,
        coalesce(versions.valid_from, {{ as_date("'0001-01-01'") }}) as from_date,
        coalesce(versions.valid_to, {{ as_date("'9999-12-31'") }}) as until_date

    from goals

    cross join versions

    left join attributes
        on
            versions.version_hash = attributes.version_hash
            and goals.segment_attribute = attributes.attribute

)

select * from final
