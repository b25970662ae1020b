-- Versions of contacts with dated changes of attributes: one row per contact, period and attribute that a change gives, and one
-- without attribute where none does.

with

versions as (

    select * from {{ ref('int_contact_versions') }}
    where contact_id in (select changes.contact_id from {{ ref('int_attribute_changes') }} as changes)

),

changes as (

    select * from {{ ref('int_attribute_changes') }}

),

starts as (

    select contact_id, {{ as_date("'0001-01-01'") }} as from_date -- noqa: LT09
    from versions

    union

    select contact_id, {{ as_date('updated_at') }} as from_date -- noqa: LT09
    from versions

    union

    select contact_id, valid_from as from_date -- noqa: LT09
    from changes

),

dated as (

    select contact_id, from_date, lead(from_date) over (partition by contact_id order by from_date) as until_date -- noqa: LT09
    from starts

),

periods as (

    select
        dated.contact_id,
        dated.from_date,
        dated.until_date,
        versions.version_hash as base_hash,
        versions.account_id,
        versions.created_at,
        versions.updated_at
    from dated
    inner join versions
        on
            dated.contact_id = versions.contact_id
            and (versions.valid_from is null or dated.from_date >= versions.valid_from)
            and (versions.valid_to is null or dated.from_date < versions.valid_to)

),

-- A change beats an older version, one without a column for it, and one later than the date itself: the earliest covers earlier dates.
changed as (

    select
        periods.contact_id,
        periods.from_date,
        changes.attribute,
        changes.value,
        changes.changed_at,
        {{ hash_of_all(['changes.attribute', 'changes.value', 'changes.changed_at']) }} as change_hash
    from periods
    inner join changes
        on
            periods.contact_id = changes.contact_id
            and periods.from_date >= changes.valid_from
            and (changes.valid_to is null or periods.from_date < changes.valid_to)
    left join {{ ref('stg_raw_columns') }} as known on known.table_name = 'contacts' and changes.attribute = known.column_name
    where
        periods.updated_at <= changes.changed_at or {{ as_date('periods.updated_at') }} > periods.from_date
        or known.column_name is null

),

together as (

    select
        contact_id,
        from_date,
        {{ joined('change_hash', "'|'", 'attribute') }} as change_hashes,
        max(changed_at) as last_changed_at
    from changed
    group by contact_id, from_date

),

final as (

    select
        case
            when together.contact_id is null then periods.base_hash
            else {{ hash_of("periods.base_hash || '|' || together.change_hashes") }}
        end as version_hash,
        periods.base_hash,
        periods.contact_id,
        periods.account_id,
        periods.created_at,
        greatest(periods.updated_at, together.last_changed_at) as updated_at,
        together.last_changed_at,
        nullif(periods.from_date, {{ as_date("'0001-01-01'") }}) as valid_from,
        periods.until_date as valid_to,
        changed.attribute,
        changed.value
    from periods
    left join together on periods.contact_id = together.contact_id and periods.from_date = together.from_date
    left join changed on periods.contact_id = changed.contact_id and periods.from_date = changed.from_date

)

select * from final
