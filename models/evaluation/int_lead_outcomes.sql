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

periods as (

    select * from {{ ref('int_eligible_periods') }}

),

conversions as (

    select * from {{ ref('int_conversions') }}

),

within_periods as (

    select distinct
        dates.as_of_date,
        dates.goal_key,
        periods.contact_id

    from dates

    inner join periods
        on
            dates.goal_key = periods.goal_key
            and dates.as_of_date >= periods.from_date
            and (periods.until_date is null or dates.as_of_date < periods.until_date)

),

-- Computed from the conversions, which are few compared with the leads.
converted as (

    select
        dates.as_of_date,
        dates.goal_key,
        conversions.contact_id,
        sum(conversions.value) as value

    from dates

    inner join conversions
        on
            dates.goal_key = conversions.goal_key
            and dates.as_of_date < conversions.occurred_date
            and dates.known_on >= conversions.occurred_date

    where dates.is_complete and not conversions.is_inherited

    group by dates.as_of_date, dates.goal_key, conversions.contact_id

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
        case when dates.is_complete then case when converted.contact_id is null then 0 else 1 end end as is_converted,
        converted.value

    from score_history

    inner join dates
        on
            score_history.as_of_date = dates.as_of_date
            and score_history.model_id = dates.model_id

    left join within_periods
        on
            score_history.as_of_date = within_periods.as_of_date
            and dates.goal_key = within_periods.goal_key
            and score_history.contact_id = within_periods.contact_id

    left join conversions as first_conversions
        on
            dates.goal_key = first_conversions.goal_key
            and score_history.contact_id = first_conversions.contact_id
            and first_conversions.is_first

    left join converted
        on
            score_history.as_of_date = converted.as_of_date
            and dates.goal_key = converted.goal_key
            and score_history.contact_id = converted.contact_id

    where
        dates.eligible = 'all'
        or within_periods.contact_id is not null
        or (dates.eligible = 'not_converted' and coalesce(first_conversions.known_date > score_history.as_of_date, true))

)

select * from final
