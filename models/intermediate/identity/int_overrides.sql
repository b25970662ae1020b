-- Usable overrides of known contacts, each once.

with

overrides as (

    select * from {{ ref('stg_overrides') }}
    where rejected_because is null

),

contacts as (

    select distinct contact_id from {{ ref('int_contact_versions') }}

),

final as (

    select distinct
        contact_id,
        model_id,
        points,
        reason,
        author,
        valid_from,
        valid_to

    from overrides

    where contact_id in (select contacts.contact_id from contacts)

)

select * from final
