{{ config(materialized='table') }}

with

outcomes as (

    select * from {{ ref('int_lead_outcomes') }}

),

calibration as (

    select * from {{ ref('int_calibration') }}
    where period = 'latest'

),

final as (

    select
        outcomes.as_of_date,
        outcomes.model_id,
        outcomes.contact_id,
        calibration.score_bin,
        outcomes.is_converted,
        calibration.probability,
        outcomes.is_converted - calibration.probability as residual

    from outcomes

    inner join calibration
        on
            outcomes.model_id = calibration.model_id
            and (outcomes.score >= calibration.from_score or calibration.is_lowest)
            and (outcomes.score < calibration.below_score or calibration.below_score is null)

)

select * from final
