-- Salesforce tracks the changes of some fields. Before its first change a field had the old value of that change.

with

changes as (

    select
        {{ source_id('salesforce', 'contact_id') }} as contact_id,
        {{ snake_case(read_text('field')) }} as attribute,
        {{ read_text('old_value') }} as old_value,
        {{ read_text('new_value') }} as new_value,
        {{ read_timestamp('created_date') }} as changed_at,
        coalesce({{ read_text('id') }}, {{ read_text('new_value') }}) as change_id
    from {{ source('salesforce', 'contact_history') }}
    where {{ read_text('contact_id') }} is not null

    union all

    select
        {{ source_id('salesforce', 'lead_id') }} as contact_id,
        {{ snake_case(read_text('field')) }} as attribute,
        {{ read_text('old_value') }} as old_value,
        {{ read_text('new_value') }} as new_value,
        {{ read_timestamp('created_date') }} as changed_at,
        coalesce({{ read_text('id') }}, {{ read_text('new_value') }}) as change_id
    from {{ source('salesforce', 'lead_history') }}
    where {{ read_text('lead_id') }} is not null

),

final as (

    select * from {{ attribute_history('salesforce', 'changes') }}

)

select * from final
