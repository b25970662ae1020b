with

identities as (

    select * from {{ ref('stg_identities') }}

),

contacts as (

    select distinct contact_id from {{ ref('int_contact_versions') }}

),

final as (

    select
        {{ as_date('identities.identified_at') }} as load_date,
        identities.anonymous_id,
        identities.contact_id,
        identities.raw_identified_at as identified_at,
        coalesce(identities.rejected_because, 'contact_id is unknown') as rejected_because

    from identities

    left join contacts on identities.contact_id = contacts.contact_id

    where
        identities.rejected_because is not null
        or contacts.contact_id is null

)

select * from final
