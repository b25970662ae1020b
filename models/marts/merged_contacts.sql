with

persons as (

    select * from {{ ref('int_persons') }}
    where contact_id <> survivor_id

),

used_merges as (

    select * from {{ ref('int_merges') }}
    where rejected_because is null

),

links as (

    select * from {{ ref('int_person_links') }}

),

dates as (

    select * from {{ ref('int_as_of_dates') }}
    where is_latest

),

-- A merge by the source goes before a shared value.
final as (

    select
        dates.as_of_date,
        persons.contact_id,
        coalesce(used_merges.into_contact_id, links.shared_with_id) as merged_into,
        persons.survivor_id,
        coalesce(used_merges.merged_at, {{ read_timestamp('links.shared_from') }}) as merged_at,
        case when used_merges.merged_at is null then 'identity_rules: ' || links.attribute else 'raw.merges' end as joined_by

    from persons

    inner join dates
        on
            persons.valid_from <= dates.as_of_date
            and coalesce(persons.valid_to > dates.as_of_date, true)

    left join used_merges
        on
            persons.contact_id = used_merges.from_contact_id
            and dates.as_of_date >= used_merges.merged_date

    left join links
        on
            persons.contact_id = links.contact_id
            and persons.survivor_id = links.linked_id

)

select * from final
