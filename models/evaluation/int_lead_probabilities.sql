{{ config(materialized='table') }}

with

leads as (

    select * from {{ ref('int_lead_outcomes') }}
    where is_of_run and is_main

),

calibration as (

    select * from {{ ref('int_calibration') }}

),

contacts as (

    select
        goal_key,
        stated_on,
        score_bin,
        count(*) as contacts

    from {{ ref('int_calibration_contacts') }}

    group by goal_key, stated_on, score_bin

),

lines as (

    select * from {{ ref('int_value_lines') }}

),

effects as (

    select * from {{ ref('int_lead_value_effects') }}

),

stated as (

    select
        leads.as_of_date,
        leads.model_id,
        leads.contact_id,
        {{ probability_at('leads.score', 'calibration') }} as probability,
        case
            when lines.slope is null then calibration.value_per_conversion
            else {{ as_amount(product('lines.least_value', value_factor('coalesce(effects.effects, 0)', 'lines'))) }}
        end as value_per_conversion,
        contacts.contacts as past_leads

    from leads

    inner join calibration
        on
            leads.goal_key = calibration.goal_key
            and leads.as_of_date = calibration.stated_on
            and (leads.score >= calibration.from_score or calibration.is_lowest)
            and (leads.score < calibration.below_score or calibration.below_score is null)

    inner join contacts
        on
            calibration.goal_key = contacts.goal_key
            and calibration.stated_on = contacts.stated_on
            and calibration.score_bin = contacts.score_bin

    left join lines
        on
            leads.goal_key = lines.goal_key
            and leads.as_of_date = lines.stated_on

    left join effects
        on
            leads.as_of_date = effects.as_of_date
            and leads.goal_key = effects.goal_key
            and leads.contact_id = effects.contact_id

),

final as (

    select
        as_of_date,
        model_id,
        contact_id,
        probability,
        {{ as_amount(product('probability', 'value_per_conversion')) }} as expected_value,
        past_leads

    from stated

)

select * from final
