with

erasures as (

    select {{ read_text('contact_id') }} as contact_id from {{ raw_table('erasures') }}
    where {{ read_text('contact_id') }} is not null

),

-- Read by its name below.
contacts as ( -- noqa: ST03

    select * from {{ raw_rows('contacts') }}
    where
        {{ read_text('contact_id') }} is null
        or {{ read_text('contact_id') }} not in (select erasures.contact_id from erasures)

),

attributes as (

    select * from {{ attributes_of('contacts', 'contact_id, created_at, updated_at') }}

),

final as (

    select
        version_hash,
        attribute,
        value

    from attributes

)

select * from final
