{{ config(materialized='table') }}

with

score_history as (

    select * from {{ ref('int_score_history') }}
    where status = 'scored'

),

goals as (

    select * from {{ ref('int_conversion_goals') }}

),

evaluated_dates as (

    select * from {{ ref('int_evaluated_dates') }}
    where is_complete or is_latest

),

periods as (

    select * from {{ ref('int_eligible_periods') }}

),

leads as (

    select
        evaluated_dates.period,
        evaluated_dates.is_complete,
        evaluated_dates.is_latest,
        score_history.as_of_date,
        score_history.model_id,
        score_history.contact_id,
        score_history.score,
        goals.eligible

    from score_history

    inner join evaluated_dates
        on
            score_history.as_of_date = evaluated_dates.as_of_date
            and score_history.model_id = evaluated_dates.model_id

    inner join goals on score_history.model_id = goals.model_id

),

within_periods as (

    select distinct
        leads.as_of_date,
        leads.model_id,
        leads.contact_id

    from leads

    inner join periods
        on
            leads.model_id = periods.model_id
            and leads.contact_id = periods.contact_id
            and leads.as_of_date >= periods.from_date
            and (periods.until_date is null or leads.as_of_date < periods.until_date)

),

-- Who never converted has no period, and is eligible for ever.
ever_converted as (

    select distinct
        model_id,
        contact_id
    from periods

),

final as (

    select
        leads.period,
        leads.is_complete,
        leads.is_latest,
        leads.as_of_date,
        leads.model_id,
        leads.contact_id,
        leads.score

    from leads

    left join within_periods
        on
            leads.as_of_date = within_periods.as_of_date
            and leads.model_id = within_periods.model_id
            and leads.contact_id = within_periods.contact_id

    left join ever_converted
        on
            leads.model_id = ever_converted.model_id
            and leads.contact_id = ever_converted.contact_id

    where
        leads.eligible = 'all'
        or within_periods.contact_id is not null
        or (leads.eligible = 'not_converted' and ever_converted.contact_id is null)

)

select * from final
