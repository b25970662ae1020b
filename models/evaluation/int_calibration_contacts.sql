{{ config(materialized='table') }}

with

outcomes as (

    select * from {{ ref('int_lead_outcomes') }}
    where is_complete

),

dates as (

    select * from {{ ref('int_calibration_dates') }}
    where is_of_run

),

levels as (

    select * from {{ ref('int_calibration_levels') }}

),

final as (

    select
        levels.goal_key,
        levels.stated_on,
        dates.is_latest,
        levels.score_bin,
        outcomes.contact_id,
        count(*) as leads,
        sum(outcomes.is_converted) as conversions

    from outcomes

    inner join dates
        on
            outcomes.goal_key = dates.goal_key
            and outcomes.as_of_date = dates.as_of_date

    inner join levels
        on
            dates.goal_key = levels.goal_key
            and dates.stated_on = levels.stated_on
            and outcomes.score = levels.score

    group by levels.goal_key, levels.stated_on, dates.is_latest, levels.score_bin, outcomes.contact_id

)

select * from final
