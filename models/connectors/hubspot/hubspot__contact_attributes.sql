with

history as (

    select
        {{ source_id('hubspot', 'contact_id') }} as contact_id,
        lower({{ read_text('name') }}) as attribute,
        {{ read_text('value') }} as value,
        {{ source_time('hubspot', 'timestamp') }} as changed_at

    from {{ source('hubspot', 'contact_property_history') }}

),

contacts as (

    select
        {{ source_id('hubspot', 'id') }} as contact_id,
        {{ source_time('hubspot', 'property_createdate') }} as created_at

    from {{ source('hubspot', 'contact') }}

),

first_changes as (

    select
        contact_id,
        attribute,
        min(changed_at) as changed_at

    from history

    group by contact_id, attribute

),

-- Before its first value an attribute is missing, whatever the contact's row holds now.
final as (

    select
        contact_id,
        attribute,
        value,
        changed_at

    from history

    union all

    select
        first_changes.contact_id,
        first_changes.attribute,
        {{ as_text('null') }} as value,
        contacts.created_at as changed_at

    from first_changes

    inner join contacts on first_changes.contact_id = contacts.contact_id

    where contacts.created_at < first_changes.changed_at

)

select * from final
