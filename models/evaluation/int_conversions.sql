{{ config(materialized='table') }}

with

outcomes as (

    select * from {{ ref('int_outcomes') }}

),

goals as (

    select * from {{ ref('int_conversion_goals') }}

),

dates as (

    select * from {{ ref('int_as_of_dates') }}
    where is_latest

),

merged_contacts as (

    select persons.contact_id
    from {{ ref('int_persons') }} as persons
    inner join dates
        on
            persons.valid_from <= dates.as_of_date
            and coalesce(persons.valid_to > dates.as_of_date, true)
    where persons.contact_id <> persons.survivor_id

),

final as (

    select
        goals.goal_key,
        goals.attribution_days,
        outcomes.outcome_id,
        outcomes.contact_id,
        outcomes.occurred_at,
        outcomes.occurred_date,
        outcomes.known_date,
        outcomes.value,
        outcomes.is_inherited,
        merged_contacts.contact_id is not null as is_of_merged_contact,
        row_number() over (
            partition by goals.goal_key, outcomes.contact_id
            order by outcomes.known_date, outcomes.occurred_at, outcomes.outcome_id
        ) = 1 as is_first

    from outcomes

    inner join goals on outcomes.outcome = goals.outcome

    inner join dates on outcomes.known_date <= dates.as_of_date

    left join merged_contacts on outcomes.contact_id = merged_contacts.contact_id

)

select * from final
