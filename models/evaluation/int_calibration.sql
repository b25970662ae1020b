{{ config(materialized='table') }}

with

levels as (

    select * from {{ ref('int_calibration_levels') }}

),

latest as (

    select as_of_date from {{ ref('int_as_of_dates') }} where is_latest -- noqa: LT14

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
        sum(score * leads) as score_sum,
        sum(value) as value,
        sum(conversions_with_value) as conversions_with_value
    from levels
    group by goal_key, stated_on, score_bin

),

-- A bin's rate is shrunk toward the overall rate (pseudo-count 10, Cestnik's m-estimate). Few conversions have a value.
smoothed as (

    select
        *,
        conversions + {{ divided('10 * sum(conversions) over of_all', 'sum(leads) over of_all') }} as smoothed_conversions,
        leads + 10 as smoothed_leads,
        case when sum(value) over of_all < 0 then -1 else 1 end
        * {{ divided('abs(sum(value) over of_all)', 'nullif(sum(conversions_with_value) over of_all, 0)') }} as value_per_conversion
    from bins
    window of_all as (partition by goal_key, stated_on)

),

runs as (

    select
        first_bins.goal_key,
        first_bins.stated_on,
        first_bins.score_bin as first_bin,
        last_bins.score_bin as last_bin,
        sum(last_bins.smoothed_conversions) over up_to_here as conversions,
        sum(last_bins.smoothed_leads) over up_to_here as leads
    from smoothed as first_bins
    inner join smoothed as last_bins
        on
            first_bins.goal_key = last_bins.goal_key
            and first_bins.stated_on = last_bins.stated_on
            and first_bins.score_bin <= last_bins.score_bin
    window up_to_here as (partition by first_bins.goal_key, first_bins.stated_on, first_bins.score_bin order by last_bins.score_bin)

),

-- Isotonic regression (max-min formula): the maximum over lower bins of the minimum pooled rate up to higher bins.
least_rates as (

    select
        goal_key,
        stated_on,
        last_bin as score_bin,
        min({{ as_amount(divided('conversions', 'leads')) }}) over to_the_last as rate
    from runs
    window to_the_last as (partition by goal_key, stated_on, first_bin order by last_bin desc)

),

probabilities as (

    select
        goal_key,
        stated_on,
        score_bin,
        max(rate) as probability
    from least_rates
    group by goal_key, stated_on, score_bin

),

final as (

    select
        smoothed.goal_key,
        smoothed.stated_on,
        smoothed.stated_on = latest.as_of_date as is_latest,
        smoothed.score_bin,
        smoothed.from_score,
        smoothed.to_score,
        lead(smoothed.from_score) over from_the_lowest as below_score,
        lag(smoothed.score_bin) over from_the_lowest is null as is_lowest,
        smoothed.leads,
        smoothed.conversions,
        smoothed.score_sum,
        probabilities.probability,
        smoothed.value_per_conversion
    from smoothed
    inner join probabilities
        on
            smoothed.goal_key = probabilities.goal_key
            and smoothed.stated_on = probabilities.stated_on
            and smoothed.score_bin = probabilities.score_bin
    cross join latest
    window from_the_lowest as (partition by smoothed.goal_key, smoothed.stated_on order by smoothed.score_bin)

)

select * from final
