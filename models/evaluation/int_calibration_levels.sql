{{ config(materialized='table') }}

with

outcomes as (

    select * from {{ ref('int_lead_outcomes') }}
    where is_complete

),

dates as (

    select * from {{ ref('int_calibration_dates') }}

),

numbers_of_bins as (

    select * from {{ ref('int_calibration_sizes') }}

),

-- Summed before the join: one date supports the predictions of many dates.
levels_by_date as (

    select
        goal_key,
        as_of_date,
        score,
        count(*) as leads,
        sum(is_converted) as conversions,
        sum(value) as value,
        count(value) as conversions_with_value
    from outcomes
    group by goal_key, as_of_date, score

),

levels as (

    select
        dates.goal_key,
        dates.stated_on,
        levels_by_date.score,
        sum(levels_by_date.leads) as leads,
        sum(levels_by_date.conversions) as conversions,
        sum(case when dates.is_early then levels_by_date.leads else 0 end) as early_leads,
        sum(case when dates.is_early then levels_by_date.conversions else 0 end) as early_conversions,
        sum(levels_by_date.value) as value,
        sum(levels_by_date.conversions_with_value) as conversions_with_value

    from levels_by_date

    inner join dates
        on
            levels_by_date.goal_key = dates.goal_key
            and levels_by_date.as_of_date = dates.as_of_date

    group by dates.goal_key, dates.stated_on, levels_by_date.score

),

-- Equal numbers of leads per bin; equal scores share a bin.
final as (

    select
        levels.goal_key,
        levels.stated_on,
        levels.score,
        levels.leads,
        levels.conversions,
        levels.early_leads,
        levels.early_conversions,
        levels.value,
        levels.conversions_with_value,
        1 + {{ whole_divided(
            'numbers_of_bins.bins * (2 * sum(levels.leads) over up_to_here - levels.leads)',
            '2 * sum(levels.leads) over all_scores'
        ) }} as score_bin

    from levels

    inner join numbers_of_bins
        on
            levels.goal_key = numbers_of_bins.goal_key
            and levels.stated_on = numbers_of_bins.stated_on

    window
        all_scores as (partition by levels.goal_key, levels.stated_on),
        up_to_here as (partition by levels.goal_key, levels.stated_on order by levels.score)

)

select * from final
