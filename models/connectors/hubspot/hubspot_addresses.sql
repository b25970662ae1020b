with

contacts as (

    select
        {{ source_id('hubspot', 'id') }} as contact_id,
        lower({{ read_text('property_email') }}) as email,
        {{ read_timestamp('property_createdate') }} as created_at

    from {{ source('hubspot', 'contact') }}

),

-- A contact may take an address again, so each change is a row.
changes as (

    select distinct
        {{ source_id('hubspot', 'contact_id') }} as contact_id,
        lower({{ read_text('value') }}) as email,
        {{ read_timestamp('timestamp') }} as valid_from

    from {{ source('hubspot', 'contact_property_history') }}

    where
        name = 'email'
        and {{ read_text('value') }} is not null

),

addresses as (

    select
        contact_id,
        email,
        valid_from

    from changes

    union all

    select
        contacts.contact_id,
        contacts.email,
        contacts.created_at as valid_from

    from contacts

    left join changes on contacts.contact_id = changes.contact_id and contacts.email = changes.email

    where
        contacts.email is not null
        and changes.contact_id is null

),

-- E-mail events before the first contact had the address belong to that contact too.
final as (

    select
        email,
        contact_id,
        case when row_number() over (partition by email order by valid_from, contact_id) > 1 then valid_from end as valid_from,
        lead(valid_from) over (partition by email order by valid_from, contact_id) as valid_to

    from addresses

)

select * from final
