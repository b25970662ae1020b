{{ config(materialized='table') }}

with

bins as (

    select * from {{ ref('int_calibration_bins') }}

),

runs as (

    select
        first_bins.goal_key,
        first_bins.stated_on,
        first_bins.fit,
        first_bins.score_bin as first_bin,
        last_bins.score_bin as last_bin,
        sum(last_bins.smoothed_conversions) over up_to_here as conversions,
        sum(last_bins.smoothed_leads) over up_to_here as leads
    from bins as first_bins
    inner join bins as last_bins
        on
            first_bins.goal_key = last_bins.goal_key
            and first_bins.stated_on = last_bins.stated_on
            and first_bins.fit = last_bins.fit
            and first_bins.score_bin <= last_bins.score_bin
    window
        up_to_here as (
            partition by first_bins.goal_key, first_bins.stated_on, first_bins.fit, first_bins.score_bin
            order by last_bins.score_bin
        )

),

-- Isotonic regression (max-min formula): the maximum over lower bins of the minimum pooled rate up to higher bins.
least_rates as (

    select
        goal_key,
        stated_on,
        fit,
        last_bin as score_bin,
        min({{ as_amount(divided('conversions', 'leads')) }}) over to_the_last as rate
    from runs
    window to_the_last as (partition by goal_key, stated_on, fit, first_bin order by last_bin desc)

),

final as (

    select
        goal_key,
        stated_on,
        fit,
        score_bin,
        max(rate) as probability
    from least_rates
    group by goal_key, stated_on, fit, score_bin

)

select * from final
