-- Salesforce tracks the changes of some fields. Before its first change a field had the old value of that change.

with

changes as (

    select
        {{ source_id('salesforce', 'contact_id') }} as contact_id,
        {{ snake_case(read_text('field')) }} as attribute,
        {{ read_text('old_value') }} as old_value,
        {{ read_text('new_value') }} as new_value,
        {{ read_timestamp('created_date') }} as changed_at
    from {{ source('salesforce', 'contact_history') }}
    where {{ read_text('contact_id') }} is not null

    union all

    select
        {{ source_id('salesforce', 'lead_id') }} as contact_id,
        {{ snake_case(read_text('field')) }} as attribute,
        {{ read_text('old_value') }} as old_value,
        {{ read_text('new_value') }} as new_value,
        {{ read_timestamp('created_date') }} as changed_at
    from {{ source('salesforce', 'lead_history') }}
    where {{ read_text('lead_id') }} is not null

),

people as (

    select
        {{ source_id('salesforce', 'id') }} as contact_id,
        min({{ read_timestamp('created_date') }}) as created_at
    from {{ source('salesforce', 'contact') }}
    group by {{ source_id('salesforce', 'id') }}

    union all

    select
        {{ source_id('salesforce', 'id') }} as contact_id,
        min({{ read_timestamp('created_date') }}) as created_at
    from {{ source('salesforce', 'lead') }}
    group by {{ source_id('salesforce', 'id') }}

),

placed as (

    select
        changes.*,
        people.created_at,
        row_number() over (
            partition by changes.contact_id, changes.attribute
            order by changes.changed_at, changes.new_value
        ) as place

    from changes

    inner join people on changes.contact_id = people.contact_id

),

final as (

    select
        contact_id,
        attribute,
        new_value as value,
        changed_at

    from placed

    union all

    select
        contact_id,
        attribute,
        old_value as value,
        created_at as changed_at

    from placed

    where
        place = 1
        and created_at < changed_at

)

select * from final
