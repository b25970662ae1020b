with

merges as (

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
        merges.from_contact_id as contact_id,
        merges.into_contact_id as merged_into,
        persons.survivor_id,
        merges.merged_at,
        'raw.merges' as joined_by

    from merges

    inner join persons on merges.from_contact_id = persons.contact_id

    inner join dates
        on
            dates.as_of_date >= persons.valid_from
            and (persons.valid_to is null or dates.as_of_date < persons.valid_to)

)

select * from final
