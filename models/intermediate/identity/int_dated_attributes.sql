{{ config(materialized='view') }}

-- Attributes of contact versions and of changed ones. An attribute that raw.contacts has no column of is missing until it changes.

with

attributes as (

    select * from {{ ref('stg_contact_attributes') }}

),

versions as (

    select * from {{ ref('int_contact_versions') }}

),

changed as (

    select distinct
        version_hash,
        base_hash,
        attribute,
        value
    from {{ ref('int_changed_versions') }}
    where attribute is not null

),

without_column as (

    select distinct attribute from {{ ref('int_attribute_changes') }}
    where
        attribute not in (
            select known.column_name from {{ ref('stg_raw_columns') }} as known
            where known.table_name = 'contacts'
        )

),

-- Rules may name these columns of raw.contacts too. They are no attributes: every contact has them (int_leads).
own_columns as (

    select distinct
        contacts.version_hash,
        named.name as attribute,
        case named.name
            when 'contact_id' then contacts.contact_id
            when 'created_at' then contacts.raw_created_at
            else contacts.raw_updated_at
        end as value
    from {{ ref('stg_contacts') }} as contacts
    inner join {{ ref('int_tested_names') }} as named
        on named.kind = 'attribute' and named.name in ('contact_id', 'created_at', 'updated_at')

),

all_attributes as (

    select
        version_hash,
        attribute,
        value
    from attributes

    union all

    select version_hash, attribute, value from own_columns -- noqa: LT09

    union all

    select
        versions.version_hash,
        without_column.attribute,
        {{ as_text('null') }} as value
    from versions
    cross join without_column

),

changed_versions as (

    select distinct
        version_hash,
        base_hash
    from changed

),

final as (

    select
        version_hash,
        attribute,
        value
    from all_attributes

    union all

    select
        changed_versions.version_hash,
        all_attributes.attribute,
        case when changed.attribute is not null then changed.value else all_attributes.value end as value

    from changed_versions

    inner join all_attributes on changed_versions.base_hash = all_attributes.version_hash

    left join changed
        on
            changed_versions.version_hash = changed.version_hash
            and all_attributes.attribute = changed.attribute

)

select * from final
