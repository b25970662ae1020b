-- Whose a contact is, by as-of date, for each contact that is linked to another: of the contacts that are one person by then and not
-- merged, the one created first.

with

links as (

    select * from {{ ref('int_person_links') }}

),

first_versions as (

    select * from {{ ref('int_contact_versions') }}
    where valid_from is null

),

-- Each contact of the person is one, from the date on which they are linked until it is merged.
candidates as (

    select contact_id, linked_id as survivor_id, linked_from as from_date -- noqa: LT09
    from links

    union all

    select distinct contact_id, contact_id as survivor_id, {{ as_date("'0001-01-01'") }} as from_date -- noqa: LT09
    from links

),

dated as (

    select
        candidates.contact_id,
        candidates.survivor_id,
        candidates.from_date,
        used_merges.merged_date as until_date,
        rank() over (order by first_versions.created_at, candidates.survivor_id) as created_place
    from candidates
    inner join first_versions on candidates.survivor_id = first_versions.contact_id
    left join {{ ref('int_merges') }} as used_merges -- noqa: ST11
        on candidates.survivor_id = used_merges.from_contact_id and used_merges.rejected_because is null
    where coalesce(used_merges.merged_date > candidates.from_date, true)

),

-- A contact linked after an earlier created one that is never merged is the survivor on no date.
with_best as (

    select
        *,
        min(case when until_date is null then created_place end) over (
            partition by contact_id order by from_date, created_place rows between unbounded preceding and 1 preceding
        ) as best_before
    from dated

),

possible as (

    select * from with_best
    where coalesce(created_place < best_before, true)

),

changes as (

    select contact_id, from_date -- noqa: LT09
    from possible

    union

    select contact_id, until_date as from_date -- noqa: LT09
    from possible
    where until_date is not null

),

in_force as (

    select
        changes.contact_id,
        changes.from_date,
        possible.survivor_id,
        row_number() over (partition by changes.contact_id, changes.from_date order by possible.created_place) as place
    from changes
    inner join possible
        on
            changes.contact_id = possible.contact_id
            and changes.from_date >= possible.from_date
            and (possible.until_date is null or changes.from_date < possible.until_date)

),

compared as (

    select
        contact_id,
        survivor_id,
        from_date,
        lag(survivor_id) over (partition by contact_id order by from_date) as survivor_before
    from in_force
    where place = 1

),

final as (

    select
        contact_id,
        survivor_id,
        nullif(from_date, {{ as_date("'0001-01-01'") }}) as valid_from,
        lead(from_date) over (partition by contact_id order by from_date) as valid_to
    from compared
    where coalesce(survivor_before <> survivor_id, true)

)

select * from final
