with

ranking as (

    select * from {{ ref('int_score_ranking') }}

),

lift as (

    select * from {{ ref('int_score_lift') }}

),

accuracy as (

    select * from {{ ref('int_probability_accuracy') }}

),

contacts as (

    select * from {{ ref('int_evaluated_contacts') }}

),

goals as (

    select * from {{ ref('int_conversion_goals') }}

),

final as (

    select
        ranking.model_id,
        ranking.period,
        goals.segment_attribute,
        ranking.segment,
        {{ as_count('contacts.contacts') }} as leads,
        {{ as_count('contacts.converted_contacts') }} as conversions,
        {{ as_count('ranking.leads') }} as lead_dates,
        {{ as_count('ranking.conversions') }} as converted_lead_dates,
        {{ as_amount(divided('ranking.conversions', 'ranking.leads')) }} as conversion_rate,
        {{ as_amount('ranking.roc_auc') }} as roc_auc,
        {{ as_amount('ranking.pr_auc') }} as pr_auc,
        {{ as_amount('ranking.ks') }} as ks,
        {{ as_amount('lift.lift_top_1_percent') }} as lift_top_1_percent,
        {{ as_amount('lift.lift_top_5_percent') }} as lift_top_5_percent,
        {{ as_amount('lift.lift_top_10_percent') }} as lift_top_10_percent,
        {{ as_amount('lift.lift_top_20_percent') }} as lift_top_20_percent,
        -- The share of the best tenth in the converted lead-dates, of people.
        {{ as_amount(divided(
            'lift.conversions_in_top_10_percent * contacts.converted_contacts',
            'nullif(ranking.conversions, 0)'
        )) }} as conversions_in_top_10_percent,
        {{ as_count('coalesce(accuracy.leads_with_probability, 0)') }} as leads_with_probability,
        accuracy.brier_score,
        accuracy.calibration_error

    from ranking

    inner join contacts
        on
            ranking.model_id = contacts.model_id
            and ranking.period = contacts.period
            and ranking.segment is not distinct from contacts.segment

    inner join goals on ranking.model_id = goals.model_id

    inner join lift
        on
            ranking.model_id = lift.model_id
            and ranking.period = lift.period
            and ranking.segment is not distinct from lift.segment

    left join accuracy
        on
            ranking.model_id = accuracy.model_id
            and ranking.period = accuracy.period
            and ranking.segment is not distinct from accuracy.segment

)

select * from final
