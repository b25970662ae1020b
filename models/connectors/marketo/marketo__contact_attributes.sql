-- Activities show a field's name; lead_describe has the one of the table of leads. Before its first change a field had the old value.

with

field_names as (

    select
        {{ read_text('display_name') }} as display_name,
        min({{ snake_case(read_text('restname')) }}) as attribute

    from {{ source('marketo', 'lead_describe') }}

    group by {{ read_text('display_name') }}

),

changes as (

    select
        {{ source_id('marketo', 'changes.lead_id') }} as contact_id,
        coalesce(
            field_names.attribute, lower(replace({{ read_text('changes.primary_attribute_value') }}, ' ', '_'))
        ) as attribute,
        {{ read_text('changes.old_value') }} as old_value,
        {{ read_text('changes.new_value') }} as new_value,
        {{ source_time('marketo', 'changes.activity_date') }} as changed_at,
        {{ read_text('changes.id') }} as change_id

    from {{ source('marketo', 'activity_change_data_value') }} as changes

    left join field_names on {{ read_text('changes.primary_attribute_value') }} = field_names.display_name

),

deletions as (

    select
        {{ source_id('marketo', 'lead_id') }} as contact_id,
        'is_deleted' as attribute,
        'false' as old_value,
        'true' as new_value,
        {{ source_time('marketo', 'activity_date') }} as changed_at,
        {{ read_text('id') }} as change_id

    from {{ source('marketo', 'activity_delete_lead') }}

),

placed as (

    select
        *,
        row_number() over (
            partition by contact_id, attribute
            order by changed_at, change_id
        ) as place

    from (
        select * from changes
        union all
        select * from deletions
    ) as all_changes

),

leads as (

    select
        {{ source_id('marketo', 'id') }} as contact_id,
        {{ source_time('marketo', 'created_at') }} as created_at

    from {{ source('marketo', 'lead') }}

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
        placed.contact_id,
        placed.attribute,
        placed.old_value as value,
        leads.created_at as changed_at

    from placed

    inner join leads on placed.contact_id = leads.contact_id

    where
        placed.place = 1
        and leads.created_at < placed.changed_at

)

select * from final
