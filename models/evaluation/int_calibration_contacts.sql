{{ config(materialized='table') }}

with

outcomes as (

    select * from {{ ref('int_lead_outcomes') }}
    where is_complete

),

dates as (

    select * from {{ ref('int_calibration_dates') }}

),

calibration as (

    select * from {{ ref('int_calibration') }}
    where is_of_run

),

final as (

    select
        calibration.model_id,
        calibration.stated_on,
        calibration.is_latest,
        calibration.score_bin,
        outcomes.contact_id,
        count(*) as leads,
        sum(outcomes.is_converted) as conversions,
        sum(outcomes.is_converted - calibration.probability) as residual

    from outcomes

    inner join dates
        on
            outcomes.model_id = dates.model_id
            and outcomes.as_of_date = dates.as_of_date

    inner join calibration
        on
            dates.model_id = calibration.model_id
            and dates.stated_on = calibration.stated_on
            and (outcomes.score >= calibration.from_score or calibration.is_lowest)
            and (outcomes.score < calibration.below_score or calibration.below_score is null)

    group by calibration.model_id, calibration.stated_on, calibration.is_latest, calibration.score_bin, outcomes.contact_id

)

select * from final
