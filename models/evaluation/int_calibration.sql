{{ config(materialized='table') }}

with

bins as (

    select * from {{ ref('int_calibration_bins') }}

),

run_dates as (

    select * from {{ ref('int_as_of_dates') }}

),

-- Few conversions of a bin have a value: its mean is that of all.
totals as (

    select
        model_id,
        stated_on,
        case when sum(value) < 0 then -1 else 1 end
        * {{ divided('abs(sum(value))', 'nullif(sum(conversions_with_value), 0)') }} as value_per_conversion,
        {{ divided('10 * sum(conversions)', 'sum(leads)') }} as conversions_of_ten

    from bins

    group by model_id, stated_on

),

-- A bin's rate is drawn towards that of all, as if ten more of its leads had converted at that rate (Cestnik's m-estimate).
runs as (

    select
        first_bins.model_id,
        first_bins.stated_on,
        first_bins.score_bin as first_bin,
        last_bins.score_bin as last_bin,
        sum(last_bins.conversions + totals.conversions_of_ten) over up_to_here as pooled_conversions,
        sum(last_bins.leads + 10) over up_to_here as pooled_leads

    from bins as first_bins

    inner join bins as last_bins
        on
            first_bins.model_id = last_bins.model_id
            and first_bins.stated_on = last_bins.stated_on
            and first_bins.score_bin <= last_bins.score_bin

    inner join totals
        on
            first_bins.model_id = totals.model_id
            and first_bins.stated_on = totals.stated_on

    window up_to_here as (partition by first_bins.model_id, first_bins.stated_on, first_bins.score_bin order by last_bins.score_bin)

),

-- Isotonic regression: the greatest, over all bins from a lower one on, of the least pooled rate up to a higher one.
least_rates as (

    select
        model_id,
        stated_on,
        last_bin as score_bin,
        min({{ as_amount(divided('pooled_conversions', 'pooled_leads')) }}) over (
            partition by model_id, stated_on, first_bin
            order by last_bin desc
        ) as rate

    from runs

),

probabilities as (

    select
        model_id,
        stated_on,
        score_bin,
        max(rate) as probability
    from least_rates
    group by model_id, stated_on, score_bin

),

final as (

    select
        bins.*,
        run_dates.as_of_date is not null as is_of_run,
        coalesce(run_dates.is_latest, false) as is_latest,
        lead(bins.from_score) over from_the_lowest as below_score,
        row_number() over from_the_lowest = 1 as is_lowest,
        probabilities.probability,
        totals.value_per_conversion

    from bins

    inner join probabilities
        on
            bins.model_id = probabilities.model_id
            and bins.stated_on = probabilities.stated_on
            and bins.score_bin = probabilities.score_bin

    inner join totals
        on
            bins.model_id = totals.model_id
            and bins.stated_on = totals.stated_on

    left join run_dates on bins.stated_on = run_dates.as_of_date

    window from_the_lowest as (partition by bins.model_id, bins.stated_on order by bins.score_bin)

)

select * from final
