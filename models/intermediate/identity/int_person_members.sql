-- Contact versions that make up a survivor, by as-of date: its own first, then those of merged contacts, the last updated first.

with

versions as (

    select * from {{ ref('int_dated_versions') }}

),

persons as (

    select * from {{ ref('int_persons') }}
    where contact_id <> survivor_id

),

members as (

    select survivor_id as contact_id, contact_id as member_id, min(valid_from) as member_from -- noqa: LT09
    from persons
    group by survivor_id, contact_id

    union

    select survivor_id as contact_id, survivor_id as member_id, {{ as_date("'0001-01-01'") }} as member_from -- noqa: LT09
    from persons

),

-- A merged contact gives nothing before it is created; of the survivor itself int_contacts asks that.
member_versions as (

    select
        members.contact_id,
        members.member_id,
        versions.version_hash,
        versions.account_id,
        versions.created_at,
        versions.updated_at,
        case
            when members.member_id = members.contact_id then coalesce(versions.valid_from, members.member_from)
            else greatest(members.member_from, versions.valid_from, {{ as_date('versions.created_at') }})
        end as from_date,
        versions.valid_to as until_date
    from members
    inner join versions on members.member_id = versions.contact_id

),

-- What a survivor is made of changes when one of these versions begins; one that ends is followed by another.
changes as (

    select contact_id, from_date, lead(from_date) over (partition by contact_id order by from_date) as until_date -- noqa: LT09
    from member_versions
    group by contact_id, from_date

),

in_force as (

    select
        changes.contact_id,
        changes.from_date,
        changes.until_date,
        member_versions.version_hash as member_hash,
        member_versions.account_id,
        member_versions.created_at,
        member_versions.updated_at,
        row_number() over (
            partition by changes.contact_id, changes.from_date
            order by
                case when member_versions.member_id = changes.contact_id then 0 else 1 end asc,
                member_versions.updated_at desc,
                member_versions.member_id asc
        ) as place
    from changes
    inner join member_versions
        on
            changes.contact_id = member_versions.contact_id
            and changes.from_date >= member_versions.from_date
            and (member_versions.until_date is null or changes.from_date < member_versions.until_date)

),

together as (

    select
        contact_id,
        from_date,
        case when count(*) = 1 then max(member_hash) else {{ hash_of(joined('member_hash', "'|'", 'place')) }} end as version_hash,
        min(case when account_id is not null then place end) as account_place
    from in_force
    group by contact_id, from_date

),

final as (

    select
        together.version_hash,
        in_force.contact_id,
        in_force.member_hash,
        in_force.place,
        in_force.created_at,
        in_force.updated_at,
        nullif(in_force.from_date, {{ as_date("'0001-01-01'") }}) as valid_from,
        in_force.until_date as valid_to,
        case when in_force.place = together.account_place then in_force.account_id end as account_id
    from in_force
    inner join together
        on
            in_force.contact_id = together.contact_id
            and in_force.from_date = together.from_date

)

select * from final
