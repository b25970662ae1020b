-- Contacts, and visitors identified as contacts. Keys are numbers: joins by text take twice as long.

with

contacts as (

    select distinct contact_id from {{ ref('stg_contacts') }}
    where rejected_because is null

),

identities as (

    select * from {{ ref('stg_identities') }}
    where rejected_because is null

),

identifications as (

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

actors as (

    select
        'contact:' || contact_id as actor_id,
        contact_id,
        {{ as_text('null') }} as anonymous_id,
        null as identified_at

    from contacts

    union all

    select
        'visitor:' || anonymous_id as actor_id,
        contact_id,
        anonymous_id,
        identified_at

    from identifications

    where identification_number = 1

),

final as (

    select
        {{ hash_number(['actor_id']) }} as actor_key,
        {{ hash_number(['contact_id']) }} as contact_key,
        actor_id,
        contact_id,
        anonymous_id,
        identified_at,
        {{ as_date('identified_at') }} as identified_date

    from actors

)

select * from final
