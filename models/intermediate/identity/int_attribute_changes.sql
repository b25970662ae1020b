with

changes as (

    select * from {{ ref('stg_attribute_changes') }}
    where rejected_because is null

),

contacts as (

    select distinct contact_id from {{ ref('stg_contacts') }}
    where rejected_because is null

),

-- Of two values at one time the smaller stays, so row order does not matter.
numbered as (

    select
        changes.contact_id,
        changes.attribute,
        changes.value,
        changes.changed_at,
        row_number() over (
            partition by changes.contact_id, changes.attribute, changes.changed_at
            order by coalesce(changes.value, '')
        ) as copy_number

    from changes

    inner join contacts on changes.contact_id = contacts.contact_id

),

-- Of several changes on one day the last counts: the others end on the day on which they begin.
final as (

    select
        contact_id,
        attribute,
        value,
        changed_at,
        {{ as_date('changed_at') }} as valid_from,
        {{ as_date('lead(changed_at) over (partition by contact_id, attribute order by changed_at)') }} as valid_to

    from numbered

    where copy_number = 1

)

select * from final
