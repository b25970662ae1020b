{{ config(materialized='table') }}

with

levels as (

    select * from {{ ref('int_score_levels') }}

),

-- Cumulated from the best score down; P conversions and N others. All but the average precision is a ratio of whole numbers.
counted as (

    select
        model_id,
        period,
        segment,
        max(all_leads) as leads,
        max(all_conversions) as conversions,
        -- Mann and Whitney: of all pairs of a conversion and another lead, twice those that the score orders rightly, a tie counting half.
        sum(
            conversions
            * (2 * (all_leads - all_conversions - leads_from_here + conversions_from_here) + leads - conversions)
        ) as twice_ordered_pairs,
        -- Kolmogorov and Smirnov: |P so far / P - N so far / N|, times P * N.
        max(abs(
            conversions_from_here * (all_leads - all_conversions)
            - (leads_from_here - conversions_from_here) * all_conversions
        )) as largest_gap,
        sum({{ fraction('conversions * conversions_from_here', 'all_conversions * leads_from_here') }}) as average_precision

    from levels

    group by model_id, period, segment

),

final as (

    select
        model_id,
        period,
        segment,
        leads,
        conversions,
        {{ divided('twice_ordered_pairs', 'nullif(2 * conversions * (leads - conversions), 0)') }} as roc_auc,
        {{ divided('largest_gap', 'nullif(conversions * (leads - conversions), 0)') }} as ks,
        case when conversions > 0 then {{ as_amount('average_precision') }} end as pr_auc

    from counted

)

select * from final
