{{ config(materialized='table') }}

with

score_history as (

    select * from {{ ref('int_score_history') }}
    where status = 'scored'

),

dates as (

    select * from {{ ref('int_evaluated_dates') }}
    where is_complete or is_of_run

),

known_of_contacts as (

    select * from {{ ref('int_contact_conversions') }}

),

-- An incomplete date has no label, even if a conversion has already occurred.
final as (

    select
        score_history.as_of_date,
        dates.goal_key,
        score_history.model_id,
        score_history.contact_id,
        dates.period,
        dates.is_main,
        dates.is_complete,
        dates.is_complete and dates.is_recent as is_judged,
        dates.is_of_run,
        score_history.score,
        case when dates.is_complete then coalesce(known_of_contacts.is_converted, 0) end as is_converted,
        known_of_contacts.value

    from score_history

    inner join dates
        on
            score_history.as_of_date = dates.as_of_date
            and score_history.model_id = dates.model_id

    left join known_of_contacts
        on
            score_history.as_of_date = known_of_contacts.as_of_date
            and dates.goal_key = known_of_contacts.goal_key
            and score_history.contact_id = known_of_contacts.contact_id

    where
        dates.eligible = 'all'
        or known_of_contacts.is_within = 1
        or (dates.eligible = 'not_converted' and coalesce(known_of_contacts.had_converted, 0) = 0)

)

select * from final
