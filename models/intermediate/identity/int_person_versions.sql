{{ config(materialized='view') }}

-- Versions of those who are leads: of a contact while it is no other's, and of a survivor with what it has from merged contacts.

with

versions as (

    select * from {{ ref('int_dated_versions') }}

),

members as (

    select * from {{ ref('int_person_members') }}

),

persons as (

    select * from {{ ref('int_persons') }}

),

own_periods as (

    select * from persons
    where contact_id = survivor_id

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

owned as (

    select
        person_versions.version_hash,
        person_versions.contact_id,
        person_versions.account_id,
        person_versions.created_at,
        person_versions.updated_at,
        greatest(person_versions.valid_from, own_periods.valid_from) as valid_from,
        least(person_versions.valid_to, own_periods.valid_to) as valid_to

    from person_versions

    left join own_periods
        on
            person_versions.contact_id = own_periods.contact_id
            and coalesce(person_versions.valid_from < own_periods.valid_to, true)
            and coalesce(person_versions.valid_to > own_periods.valid_from, true)

    where
        own_periods.contact_id is not null
        or person_versions.contact_id not in (select persons.contact_id from persons)

),

-- A lead from its creation on, and not while it is part of another.
final as (

    select
        *,
        {{ as_date('created_at') }} as created_date,
        greatest(valid_from, {{ as_date('created_at') }}) as from_date,
        coalesce(valid_to, {{ as_date("'9999-12-31'") }}) as until_date
    from owned

)

select * from final
