-- Merges of known contacts: of each merged contact the first, and whether it closes a cycle.

with recursive

usable_merges as (

    select * from {{ ref('stg_merges') }}
    where rejected_because is null

),

contacts as (

    select distinct contact_id from {{ ref('stg_contacts') }}
    where rejected_because is null

),

-- Later merges of a contact that is merged already are duplicates, as later identifications of a visitor are.
numbered as (

    select
        usable_merges.from_contact_id,
        usable_merges.into_contact_id,
        usable_merges.merged_at,
        row_number() over (
            partition by usable_merges.from_contact_id
            order by usable_merges.merged_at, usable_merges.into_contact_id
        ) as merge_number

    from usable_merges

    inner join contacts as merged on usable_merges.from_contact_id = merged.contact_id

    inner join contacts as surviving on usable_merges.into_contact_id = surviving.contact_id

),

first_merges as (

    select * from numbered
    where merge_number = 1

),

-- Each contact that a merged contact ends in, on any date. `union` stops in a cycle.
reached as (

    select
        from_contact_id,
        into_contact_id as reached_contact_id
    from first_merges

    union

    select
        reached.from_contact_id,
        next_merges.into_contact_id as reached_contact_id
    from reached
    inner join first_merges as next_merges on reached.reached_contact_id = next_merges.from_contact_id

),

-- Contacts of one cycle reach the same contacts; the smallest of them names the cycle.
in_cycles as (

    select
        own.from_contact_id,
        min(also_reached.reached_contact_id) as cycle_id
    from reached as own
    inner join reached as also_reached on own.from_contact_id = also_reached.from_contact_id
    where own.reached_contact_id = own.from_contact_id
    group by own.from_contact_id

),

-- A contact is merged once, so rejecting the last merge breaks a cycle. Earlier dates do not change by it.
closing_merges as (

    select
        in_cycles.cycle_id,
        first_merges.from_contact_id,
        row_number() over (
            partition by in_cycles.cycle_id
            order by first_merges.merged_at desc, first_merges.from_contact_id desc
        ) as place
    from in_cycles
    inner join first_merges on in_cycles.from_contact_id = first_merges.from_contact_id

),

cycles as (

    select
        cycle_id,
        max(case when place = 1 then from_contact_id end) as from_contact_id,
        {{ joined('from_contact_id', "', '", 'from_contact_id') }} as contact_ids
    from closing_merges
    group by cycle_id

),

final as (

    select
        first_merges.from_contact_id,
        first_merges.into_contact_id,
        first_merges.merged_at,
        {{ as_date('first_merges.merged_at') }} as merged_date,
        case when cycles.from_contact_id is not null then 'closes a cycle of ' || cycles.contact_ids end as rejected_because

    from first_merges

    left join cycles on first_merges.from_contact_id = cycles.from_contact_id

)

select * from final
