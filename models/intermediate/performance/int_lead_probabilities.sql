with

leads as (

    select * from {{ ref('int_eligible_leads') }}
    where is_latest

),

calibration as (

    select * from {{ ref('int_calibration') }}
    where period = 'latest'

),

final as (

    select
        leads.as_of_date,
        leads.model_id,
        leads.contact_id,
        calibration.probability,
        {{ as_amount(product('calibration.probability', 'calibration.value_per_conversion')) }} as expected_value,
        calibration.leads as past_leads

    from leads

    inner join calibration
        on
            leads.model_id = calibration.model_id
            and (leads.score >= calibration.from_score or calibration.is_lowest)
            and (leads.score < calibration.below_score or calibration.below_score is null)

)

select * from final
