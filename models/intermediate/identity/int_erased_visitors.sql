{{ config(materialized='view') }}

with

erased_visitors as (

    select * from {{ ref('stg_erased_visitors') }}

),

identities as (

    select * from {{ ref('stg_identities') }}
    where rejected_because is null

),

contacts as (

    select distinct contact_id from {{ ref('stg_contacts') }}
    where rejected_because is null

),

known_visitors as (

    select
        identities.anonymous_id,
        min(identities.identified_at) as identified_at

    from identities

    inner join contacts on identities.contact_id = contacts.contact_id

    group by identities.anonymous_id

),

-- A visitor first identified as another contact keeps that contact's events.
final as (

    select erased_visitors.anonymous_id

    from erased_visitors

    left join known_visitors on erased_visitors.anonymous_id = known_visitors.anonymous_id

    where
        known_visitors.identified_at is null
        or erased_visitors.identified_at <= known_visitors.identified_at

)

select * from final
