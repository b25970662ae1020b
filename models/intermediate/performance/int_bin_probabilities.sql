with

bins as (

    select * from {{ ref('int_calibration_bins') }}

),

-- A bin's rate is drawn towards that of all, as if ten more of its leads had converted at that rate (Cestnik's m-estimate).
smoothed as (

    select
        *,
        conversions + {{ divided('10 * all_conversions', 'all_leads') }} as smoothed_conversions,
        leads + 10 as smoothed_leads

    from bins

),

-- Isotonic regression: the greatest, over all bins from a lower one on, of the least pooled rate up to a higher one.
runs as (

    select
        first_bins.model_id,
        first_bins.period,
        first_bins.score_bin as first_bin,
        last_bins.score_bin as last_bin,
        {{ as_amount(divided('sum(pooled.smoothed_conversions)', 'sum(pooled.smoothed_leads)')) }} as rate

    from smoothed as first_bins

    inner join smoothed as last_bins
        on
            first_bins.model_id = last_bins.model_id
            and first_bins.period = last_bins.period
            and first_bins.score_bin <= last_bins.score_bin

    inner join smoothed as pooled
        on
            first_bins.model_id = pooled.model_id
            and first_bins.period = pooled.period
            and first_bins.score_bin <= pooled.score_bin
            and last_bins.score_bin >= pooled.score_bin

    group by first_bins.model_id, first_bins.period, first_bins.score_bin, last_bins.score_bin

),

least_rates as (

    select
        smoothed.model_id,
        smoothed.period,
        smoothed.score_bin,
        runs.first_bin,
        min(runs.rate) as rate

    from smoothed

    inner join runs
        on
            smoothed.model_id = runs.model_id
            and smoothed.period = runs.period
            and smoothed.score_bin >= runs.first_bin
            and smoothed.score_bin <= runs.last_bin

    group by smoothed.model_id, smoothed.period, smoothed.score_bin, runs.first_bin

),

final as (

    select
        model_id,
        period,
        score_bin,
        max(rate) as probability

    from least_rates

    group by model_id, period, score_bin

)

select * from final
