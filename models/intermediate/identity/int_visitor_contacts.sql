with

identities as (

    select * from {{ ref('stg_identities') }}
    where rejected_because is null

),

contacts as (

    select distinct contact_id from {{ ref('stg_contacts') }}
    where rejected_because is null

),

known as (

    select
        identities.anonymous_id,
        identities.contact_id,
        identities.identified_at,
        row_number() over (
            partition by identities.anonymous_id
            order by identities.identified_at, identities.contact_id
        ) as identification_number

    from identities

    inner join contacts on identities.contact_id = contacts.contact_id

),

final as (

    select
        anonymous_id,
        contact_id,
        identified_at

    from known

    where identification_number = 1

)

select * from final
