with

used_merges as (

    select * from {{ ref('int_merges') }}
    where rejected_because is null

),

persons as (

    select * from {{ ref('int_persons') }}
    where valid_from is not null

),

dates as (

    select * from {{ ref('int_as_of_dates') }}
    where is_latest

),

final as (

    select
        dates.as_of_date,
        used_merges.from_contact_id as contact_id,
        used_merges.into_contact_id as merged_into,
        persons.survivor_id,
        used_merges.merged_at,
        'raw.merges' as joined_by

    from used_merges

    inner join persons on used_merges.from_contact_id = persons.contact_id

    inner join dates
        on
            persons.valid_from <= dates.as_of_date
            and (persons.valid_to is null or persons.valid_to > dates.as_of_date)

)

select * from final
