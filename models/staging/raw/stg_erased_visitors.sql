with

source as (

    select * from {{ raw_rows('identities') }}

),

erasures as (

    select distinct {{ read_text('contact_id') }} as contact_id from {{ raw_table('erasures') }}

),

contacts as (

    select distinct contact_id from {{ ref('stg_contacts') }}
    where rejected_because is null

),

identities as (

    select
        {{ read_text('anonymous_id') }} as anonymous_id,
        {{ read_text('contact_id') }} as contact_id,
        {{ read_timestamp('identified_at') }} as identified_at

    from source

),

first_identifications as (

    select
        identities.anonymous_id,
        min(case when erasures.contact_id is not null then identities.identified_at end) as erased_from,
        min(case when contacts.contact_id is not null then identities.identified_at end) as known_from

    from identities

    left join erasures on identities.contact_id = erasures.contact_id

    left join contacts on identities.contact_id = contacts.contact_id

    where identities.anonymous_id is not null

    group by identities.anonymous_id

),

-- A visitor first identified as another contact keeps that contact's events.
final as (

    select anonymous_id

    from first_identifications

    where
        erased_from is not null
        and (known_from is null or erased_from <= known_from)

)

select * from final
