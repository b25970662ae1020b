with

bins as (

    select
        *,
        {{ divided('smoothed_conversions', 'smoothed_leads') }} as rate

    from {{ ref('int_calibration_bins') }}

    where smoothed_conversions > 0 and smoothed_conversions < smoothed_leads

),

-- Minimum logit chi-square (Berkson 1955): a line through the log odds of the bins, weighted by leads * rate * (1 - rate). Base 2, so its
-- slope is doublings of the odds per point.
weighted_bins as (

    select
        goal_key,
        stated_on,
        fit,
        mean_score,
        {{ log2_of(quotient('smoothed_conversions', 'smoothed_leads - smoothed_conversions')) }} as doublings,
        {{ as_amount('smoothed_leads * (rate * (1 - rate))') }} as weight

    from bins

),

means as (

    select
        *,
        {{ as_amount(quotient('sum(' ~ product('weight', 'mean_score') ~ ') over of_fit', 'sum(weight) over of_fit')) }} as middle_score,
        {{ as_amount(quotient('sum(' ~ product('weight', 'doublings') ~ ') over of_fit', 'sum(weight) over of_fit')) }} as middle_doublings

    from weighted_bins

    where weight > 0

    window of_fit as (partition by goal_key, stated_on, fit)

),

sums as (

    select
        goal_key,
        stated_on,
        fit,
        middle_score,
        middle_doublings,
        sum({{ as_amount(product('weight', '((mean_score - middle_score) * (mean_score - middle_score))')) }}) as squares,
        sum({{ as_amount(product('weight', '((mean_score - middle_score) * (doublings - middle_doublings))')) }}) as products
    from means
    group by goal_key, stated_on, fit, middle_score, middle_doublings

),

slopes as (

    select
        *,
        {{ divided('squares', 'products') }} as points_per_doubling
    from sums
    -- A line that falls, or hardly rises, says that scores predict nothing.
    where products > 0 and squares < 1000000 * products

),

final as (

    select
        goal_key,
        stated_on,
        fit,
        points_per_doubling,
        {{ as_amount('middle_score - middle_doublings * points_per_doubling') }} as even_score
    from slopes
    where points_per_doubling > 0

)

select * from final
