with

ranking as (

    select * from {{ ref('int_score_ranking') }}
    where challenger_id is null

),

accuracy as (

    select * from {{ ref('int_probability_accuracy') }}

),

goals as (

    select * from {{ ref('int_conversion_goals') }}

),

final as (

    select
        ranking.model_id,
        goals.goal_id,
        ranking.period,
        goals.segment_attribute,
        ranking.segment,
        {{ as_count('ranking.contacts') }} as leads,
        {{ as_count('ranking.converted_contacts') }} as conversions,
        {{ as_count('ranking.leads') }} as lead_dates,
        {{ as_count('ranking.conversions') }} as converted_lead_dates,
        {{ as_amount(divided('ranking.conversions', 'ranking.leads')) }} as conversion_rate,
        {{ as_amount('ranking.roc_auc') }} as roc_auc,
        {{ as_amount('ranking.pr_auc') }} as pr_auc,
        {{ as_amount('ranking.ks') }} as ks,
        {{ as_amount('ranking.lift_top_1_percent') }} as lift_top_1_percent,
        {{ as_amount('ranking.lift_top_5_percent') }} as lift_top_5_percent,
        {{ as_amount('ranking.lift_top_10_percent') }} as lift_top_10_percent,
        {{ as_amount('ranking.lift_top_20_percent') }} as lift_top_20_percent,
        -- Top decile's share of converted lead-dates, scaled to contacts.
        {{ as_amount(divided(
            'ranking.conversions_in_top_10_percent * ranking.converted_contacts',
            'nullif(ranking.conversions, 0)'
        )) }} as conversions_in_top_10_percent,
        {{ as_count('coalesce(accuracy.leads_with_probability, 0)') }} as leads_with_probability,
        accuracy.brier_score,
        accuracy.calibration_error

    from ranking

    inner join goals on ranking.goal_key = goals.goal_key

    left join accuracy
        on
            ranking.goal_key = accuracy.goal_key
            and ranking.period = accuracy.period
            and ranking.segment is not distinct from accuracy.segment

)

select * from final
