{{ config(materialized='table') }}

with

bins as (

    select * from {{ ref('int_calibration_bins') }}

),

probabilities as (

    select * from {{ ref('int_bin_probabilities') }}

),

-- Few conversions of a bin have a value: its mean is that of all.
values_of_all as (

    select
        model_id,
        period,
        case when sum(value) < 0 then -1 else 1 end
        * {{ divided('abs(sum(value))', 'nullif(sum(conversions_with_value), 0)') }} as value_per_conversion

    from bins

    group by model_id, period

),

final as (

    select
        bins.model_id,
        bins.period,
        bins.stated_on,
        bins.score_bin,
        bins.from_score,
        bins.to_score,
        lead(bins.from_score) over (
            partition by bins.model_id, bins.period
            order by bins.score_bin
        ) as below_score,
        lag(bins.score_bin) over (
            partition by bins.model_id, bins.period
            order by bins.score_bin
        ) is null as is_lowest,
        bins.leads,
        bins.conversions,
        probabilities.probability,
        values_of_all.value_per_conversion

    from bins

    inner join probabilities
        on
            bins.model_id = probabilities.model_id
            and bins.period = probabilities.period
            and bins.score_bin = probabilities.score_bin

    inner join values_of_all
        on
            bins.model_id = values_of_all.model_id
            and bins.period = values_of_all.period

)

select * from final
