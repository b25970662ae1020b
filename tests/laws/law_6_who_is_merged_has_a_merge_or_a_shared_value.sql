{{ config(tags=['law']) }}

-- A contact is no lead only from a merge on, or from a date on which it shares a value; and from its merge on it never is.

with

merged as (

    select * from {{ ref('int_persons') }}
    where contact_id <> survivor_id

),

known_merges as (

    select * from {{ ref('int_merges') }}
    where rejected_because is null

),

shared_values as (

    select * from {{ ref('int_shared_values') }}
    where is_used

),

reasons as (

    select
        from_contact_id as contact_id,
        merged_date as from_date
    from known_merges

    union all

    -- Whom a contact is merged into is merged with it, if the two then share a value with one that was created first.
    select
        into_contact_id as contact_id,
        merged_date as from_date
    from known_merges

    union all

    select
        contact_id,
        joined_date as from_date
    from shared_values

    union all

    select
        shared_with_id as contact_id,
        joined_date as from_date
    from shared_values

),

final as (

    select
        'is merged without a merge or a shared value' as problem,
        contact_id,
        valid_from as from_date

    from merged

    where
        not exists (
            select 1 from reasons
            where reasons.contact_id = merged.contact_id and reasons.from_date <= merged.valid_from
        )

    union all

    select
        'is a lead after its merge' as problem,
        persons.contact_id,
        known_merges.merged_date as from_date

    from known_merges

    inner join {{ ref('int_persons') }} as persons
        on
            known_merges.from_contact_id = persons.contact_id
            and persons.contact_id = persons.survivor_id
            and (persons.valid_to is null or known_merges.merged_date < persons.valid_to)

    union all

    select
        'has a merge and no survivor' as problem,
        known_merges.from_contact_id as contact_id,
        known_merges.merged_date as from_date

    from known_merges

    where known_merges.from_contact_id not in (select merged.contact_id from merged)

)

select * from final
