{{ config(materialized='table') }}

with

levels as (

    select * from {{ ref('int_calibration_levels') }}

),

bins as (

    select
        goal_key,
        stated_on,
        score_bin,
        min(score) as from_score,
        max(score) as to_score,
        sum(leads) as leads,
        sum(conversions) as conversions,
        sum(leads) - sum(early_leads) as late_leads,
        sum(conversions) - sum(early_conversions) as late_conversions,
        sum(early_leads) as early_leads,
        sum(early_conversions) as early_conversions,
        sum(score * leads) as score_sum,
        {{ signed_divided('sum(score * leads)', 'sum(leads)') }} as mean_score,
        sum(value) as value,
        sum(conversions_with_value) as conversions_with_value
    from levels
    group by goal_key, stated_on, score_bin

),

-- What is stated rests on all dates. The methods are compared on the later half of them, fitted to the earlier half.
fits as (

    select
        bins.*,
        'all' as fit,
        bins.leads as fitted_leads,
        bins.conversions as fitted_conversions
    from bins

    union all

    select
        bins.*,
        'early' as fit,
        bins.early_leads as fitted_leads,
        bins.early_conversions as fitted_conversions
    from bins
    where bins.early_leads > 0

),

-- A bin's rate is shrunk toward the overall rate (pseudo-count 10, Cestnik's m-estimate).
final as (

    select
        goal_key,
        stated_on,
        fit,
        score_bin,
        from_score,
        to_score,
        leads,
        conversions,
        late_leads,
        late_conversions,
        score_sum,
        mean_score,
        value,
        conversions_with_value,
        fitted_conversions + {{ divided(
            '10 * sum(fitted_conversions) over of_all',
            'sum(fitted_leads) over of_all'
        ) }} as smoothed_conversions,
        fitted_leads + 10 as smoothed_leads
    from fits
    window of_all as (partition by goal_key, stated_on, fit)

)

select * from final
