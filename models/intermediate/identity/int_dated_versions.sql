{{ config(materialized='view') }}

-- Versions of contacts, with dated changes of attributes as versions of their own.

with

versions as (

    select * from {{ ref('int_contact_versions') }}

),

changed as (

    select * from {{ ref('int_changed_versions') }}

),

-- account_id may be one of the attributes that changed, also to nothing.
changed_versions as (

    select
        version_hash,
        contact_id,
        case
            when count(case when attribute = 'account_id' then 1 end) = 0 then max(account_id)
            else max(case when attribute = 'account_id' then value end)
        end as account_id,
        created_at,
        updated_at,
        valid_from,
        valid_to
    from changed
    group by version_hash, contact_id, created_at, updated_at, valid_from, valid_to

),

final as (

    select
        version_hash,
        contact_id,
        account_id,
        created_at,
        updated_at,
        valid_from,
        valid_to
    from versions
    where contact_id not in (select changed.contact_id from changed)

    union all

    select * from changed_versions

)

select * from final
