{{ config(materialized='table') }}

with

bins as (

    select * from {{ ref('int_calibration_bins') }}
    where fit = 'all'

),

latest as (

    select as_of_date from {{ ref('int_as_of_dates') }} where is_latest -- noqa: LT14

),

rates as (

    select
        bins.*,
        isotonic_rates.probability,
        {{ signed_divided(
            'sum(bins.value) over of_all',
            'nullif(sum(bins.conversions_with_value) over of_all, 0)'
        ) }} as value_per_conversion

    from bins

    inner join {{ ref('int_isotonic_rates') }} as isotonic_rates
        on
            bins.goal_key = isotonic_rates.goal_key
            and bins.stated_on = isotonic_rates.stated_on
            and bins.fit = isotonic_rates.fit
            and bins.score_bin = isotonic_rates.score_bin

    window of_all as (partition by bins.goal_key, bins.stated_on)

),

-- Bins of one probability, and those below and above.
pools as (

    select
        goal_key,
        stated_on,
        probability,
        {{ signed_divided('sum(score_sum)', 'sum(leads)') }} as middle_score
    from rates
    group by goal_key, stated_on, probability

),

neighbours as (

    select
        *,
        lag(middle_score) over from_the_lowest as lower_score,
        lag(probability) over from_the_lowest as lower_probability,
        lead(middle_score) over from_the_lowest as upper_score,
        lead(probability) over from_the_lowest as upper_probability
    from pools
    window from_the_lowest as (partition by goal_key, stated_on order by probability)

),

final as (

    select
        rates.goal_key,
        rates.stated_on,
        rates.stated_on = latest.as_of_date as is_latest,
        rates.score_bin,
        rates.from_score,
        rates.to_score,
        lead(rates.from_score) over from_the_lowest as below_score,
        lag(rates.score_bin) over from_the_lowest is null as is_lowest,
        rates.leads,
        rates.conversions,
        rates.mean_score,
        rates.probability,
        rates.value_per_conversion,
        neighbours.middle_score,
        neighbours.lower_score,
        neighbours.lower_probability,
        neighbours.upper_score,
        neighbours.upper_probability,
        case when methods.goal_key is null then 'isotonic' else 'platt' end as method, -- noqa: RF04
        methods.points_per_doubling,
        methods.even_score

    from rates

    inner join neighbours
        on
            rates.goal_key = neighbours.goal_key
            and rates.stated_on = neighbours.stated_on
            and rates.probability = neighbours.probability

    left join {{ ref('int_calibration_methods') }} as methods
        on
            rates.goal_key = methods.goal_key
            and rates.stated_on = methods.stated_on

    cross join latest

    window from_the_lowest as (partition by rates.goal_key, rates.stated_on order by rates.score_bin)

)

select * from final
