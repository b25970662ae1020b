with

changes as (

    select * from {{ ref('stg_attribute_changes') }}

),

contacts as (

    select distinct contact_id from {{ ref('int_contact_versions') }}

),

final as (

    select
        {{ as_date('changes.changed_at') }} as load_date,
        changes.contact_id,
        changes.attribute,
        changes.raw_changed_at as changed_at,
        coalesce(changes.rejected_because, 'contact_id is unknown') as rejected_because

    from changes

    left join contacts on changes.contact_id = contacts.contact_id

    where
        changes.rejected_because is not null
        or contacts.contact_id is null

)

select * from final
