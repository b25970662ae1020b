with

leads as (

    select * from {{ ref('int_eligible_leads') }}
    where is_latest

),

calibration as (

    select * from {{ ref('int_calibration') }}
    where period = 'latest'

),

contacts as (

    select * from {{ ref('int_bin_contacts') }}

),

final as (

    select
        leads.as_of_date,
        leads.model_id,
        leads.contact_id,
        calibration.probability,
        {{ as_amount(product('calibration.probability', 'calibration.value_per_conversion')) }} as expected_value,
        contacts.contacts as past_leads

    from leads

    inner join calibration
        on
            leads.model_id = calibration.model_id
            and (leads.score >= calibration.from_score or calibration.is_lowest)
            and (leads.score < calibration.below_score or calibration.below_score is null)

    inner join contacts
        on
            calibration.model_id = contacts.model_id
            and calibration.score_bin = contacts.score_bin

)

select * from final
