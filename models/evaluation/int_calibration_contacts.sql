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
        levels.model_id,
        levels.stated_on,
        dates.is_latest,
        levels.score_bin,
        outcomes.contact_id,
        count(*) as leads,
        sum(outcomes.is_converted) as conversions

    from outcomes

    inner join dates
        on
            outcomes.model_id = dates.model_id
            and outcomes.as_of_date = dates.as_of_date

    inner join levels
        on
            dates.model_id = levels.model_id
            and dates.stated_on = levels.stated_on
            and outcomes.score = levels.score

    group by levels.model_id, levels.stated_on, dates.is_latest, levels.score_bin, outcomes.contact_id

)

select * from final
