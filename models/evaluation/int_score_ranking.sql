{{ config(materialized='table') }}

with

levels as (

    select * from {{ ref('int_score_levels') }}

),

-- Number of leads in the top 1, 5, 10 and 20 %, rounded up.
sized as (

    select
        *,
        {{ whole_divided('all_leads + 99', 100) }} as top_1,
        {{ whole_divided('5 * all_leads + 99', 100) }} as top_5,
        {{ whole_divided('10 * all_leads + 99', 100) }} as top_10,
        {{ whole_divided('20 * all_leads + 99', 100) }} as top_20

    from levels

),

-- Cumulated from the highest score down; P conversions and N others. All but the average precision are ratios of whole numbers.
counted as (

    select
        goal_key,
        model_id,
        challenger_id,
        period,
        segment,
        max(all_contacts) as contacts,
        max(all_converted_contacts) as converted_contacts,
        max(all_leads) as leads,
        max(all_conversions) as conversions,
        -- Mann and Whitney: twice the number of correctly ranked pairs of a converted and an unconverted lead, ties counting half.
        sum(
            conversions
            * (2 * (all_leads - all_conversions - leads_from_here + conversions_from_here) + leads - conversions)
        ) as twice_ordered_pairs,
        -- Kolmogorov and Smirnov: |P so far / P - N so far / N|, times P * N.
        max(abs(
            conversions_from_here * (all_leads - all_conversions)
            - (leads_from_here - conversions_from_here) * all_conversions
        )) as largest_gap,
        sum({{ fraction('conversions * conversions_from_here', 'all_conversions * leads_from_here') }}) as average_precision,
        -- Ties at the edge of a share count in part: conversions in proportion to the leads inside the share.
        max(top_1) as top_1,
        max(top_5) as top_5,
        max(top_10) as top_10,
        max(top_20) as top_20,
        {{ as_amount(
            'sum(' ~ fraction('conversions * greatest(least(leads_from_here, top_1) - leads_from_here + leads, 0)', 'leads') ~ ')'
        ) }} as hits_1,
        {{ as_amount(
            'sum(' ~ fraction('conversions * greatest(least(leads_from_here, top_5) - leads_from_here + leads, 0)', 'leads') ~ ')'
        ) }} as hits_5,
        {{ as_amount(
            'sum(' ~ fraction('conversions * greatest(least(leads_from_here, top_10) - leads_from_here + leads, 0)', 'leads') ~ ')'
        ) }} as hits_10,
        {{ as_amount(
            'sum(' ~ fraction('conversions * greatest(least(leads_from_here, top_20) - leads_from_here + leads, 0)', 'leads') ~ ')'
        ) }} as hits_20

    from sized

    group by goal_key, model_id, challenger_id, period, segment

),

final as (

    select
        goal_key,
        model_id,
        challenger_id,
        period,
        segment,
        contacts,
        converted_contacts,
        leads,
        conversions,
        {{ divided('twice_ordered_pairs', 'nullif(2 * conversions * (leads - conversions), 0)') }} as roc_auc,
        {{ divided('largest_gap', 'nullif(conversions * (leads - conversions), 0)') }} as ks,
        case when conversions > 0 then {{ as_amount('average_precision') }} end as pr_auc,
        {{ divided('hits_1 * leads', 'nullif(top_1 * conversions, 0)') }} as lift_top_1_percent,
        {{ divided('hits_5 * leads', 'nullif(top_5 * conversions, 0)') }} as lift_top_5_percent,
        {{ divided('hits_10 * leads', 'nullif(top_10 * conversions, 0)') }} as lift_top_10_percent,
        {{ divided('hits_20 * leads', 'nullif(top_20 * conversions, 0)') }} as lift_top_20_percent,
        hits_10 as conversions_in_top_10_percent

    from counted

)

select * from final
