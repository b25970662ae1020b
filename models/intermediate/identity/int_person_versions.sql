{{ config(materialized='view') }}

-- Versions of those who are leads: of a contact until it is merged into another, and of a survivor with what it has from merged contacts.

with

versions as (

    select * from {{ ref('int_dated_versions') }}

),

members as (

    select * from {{ ref('int_person_members') }}

),

ends as (

    select
        contact_id,
        valid_to as merged_date
    from {{ ref('int_persons') }}
    where valid_from is null

),

survivor_versions as (

    select
        version_hash,
        contact_id,
        max(account_id) as account_id,
        max(case when place = 1 then created_at end) as created_at,
        max(case when place = 1 then updated_at end) as updated_at,
        valid_from,
        valid_to
    from members
    group by version_hash, contact_id, valid_from, valid_to

),

person_versions as (

    select
        version_hash,
        contact_id,
        account_id,
        created_at,
        updated_at,
        valid_from,
        valid_to
    from versions
    where contact_id not in (select members.contact_id from members)

    union all

    select * from survivor_versions

),

final as (

    select
        person_versions.version_hash,
        person_versions.contact_id,
        person_versions.account_id,
        person_versions.created_at,
        person_versions.updated_at,
        person_versions.valid_from,
        least(person_versions.valid_to, ends.merged_date) as valid_to

    from person_versions

    left join ends on person_versions.contact_id = ends.contact_id

    where
        ends.merged_date is null
        or person_versions.valid_from is null
        or person_versions.valid_from < ends.merged_date

)

select * from final
