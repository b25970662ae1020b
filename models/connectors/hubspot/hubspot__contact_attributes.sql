-- Before its first value an attribute is missing, whatever the contact's current value.

with

changes as (

    select
        {{ source_id('hubspot', 'contact_id') }} as contact_id,
        lower({{ read_text('name') }}) as attribute,
        {{ as_text('null') }} as old_value,
        {{ read_text('value') }} as new_value,
        {{ read_timestamp('timestamp') }} as changed_at,
        {{ read_text('value') }} as change_id

    from {{ source('hubspot', 'contact_property_history') }}

),

final as (

    select * from {{ attribute_history('hubspot', 'changes') }}

)

select * from final
