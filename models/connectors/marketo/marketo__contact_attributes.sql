-- Activities have a field's display name; lead_describe maps it to the column of lead. Before its first change a field had the old value.

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
        {{ read_timestamp('changes.activity_date') }} as changed_at,
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
        {{ read_timestamp('activity_date') }} as changed_at,
        {{ read_text('id') }} as change_id

    from {{ source('marketo', 'activity_delete_lead') }}

),

all_changes as (

    select * from changes
    union all
    select * from deletions

),

final as (

    select * from {{ attribute_history('marketo', 'all_changes') }}

)

select * from final
