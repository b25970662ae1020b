{{ config(materialized='table') }}

with

rule_contacts as (

    select * from {{ ref('int_rule_contacts') }}

),

calibration as (

    select * from {{ ref('int_calibration') }}
    where is_latest

),

added_up as (

    select
        goal_key,
        rule_id,
        score_bin,
        sum(x) as x,
        sum(x_by_x) as x_by_x,
        sum(x_by_residual) as x_by_residual

    from rule_contacts

    group by goal_key, rule_id, score_bin

),

centred as (

    select
        added_up.*,
        calibration.conversions - calibration.leads * calibration.probability as residual,
        {{ as_amount(quotient('added_up.x', 'calibration.leads')) }} as mean_x,
        {{ as_amount('calibration.probability * (1 - calibration.probability)') }} as spread

    from added_up

    inner join calibration
        on
            added_up.goal_key = calibration.goal_key
            and added_up.score_bin = calibration.score_bin

),

-- Leads are compared within a score bin, where the predicted probability is equal: effects common to a bin are not attributed to the rule.
final as (

    select
        goal_key,
        rule_id,
        score_bin,
        mean_x,
        {{ as_amount('x_by_residual - mean_x * residual') }} as surplus,
        {{ as_amount('spread * (x_by_x - mean_x * x)') }} as information

    from centred

)

select * from final
