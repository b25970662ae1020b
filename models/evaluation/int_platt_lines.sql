{{ config(materialized='table') }}

with

starts as (

    select * from {{ ref('int_platt_starts') }}

),

levels as (

    select * from {{ ref('int_calibration_levels') }}

),

-- What the line predicts of the leads that it is fitted to, score by score.
predicted as (

    select
        starts.goal_key,
        starts.stated_on,
        starts.fit,
        starts.points_per_doubling,
        starts.even_score,
        levels.score,
        case when starts.fit = 'early' then levels.early_leads else levels.leads end as leads,
        case when starts.fit = 'early' then levels.early_conversions else levels.conversions end as conversions,
        {{ as_amount(platt_probability('levels.score', 'starts')) }} as probability

    from starts

    inner join levels
        on
            starts.goal_key = levels.goal_key
            and starts.stated_on = levels.stated_on

),

weighted as (

    select
        *,
        {{ as_amount('conversions - leads * probability') }} as excess,
        {{ as_amount('leads * (probability * (1 - probability))') }} as weight
    from predicted

),

means as (

    select
        *,
        {{ as_amount(quotient('sum(' ~ product('weight', 'score') ~ ') over of_fit', 'sum(weight) over of_fit')) }} as middle_score
    from weighted
    where weight > 0
    window of_fit as (partition by goal_key, stated_on, fit)

),

sums as (

    select
        goal_key,
        stated_on,
        fit,
        points_per_doubling,
        even_score,
        middle_score,
        sum(weight) as weight,
        sum(excess) as excess,
        sum({{ as_amount(product('weight', '((score - middle_score) * (score - middle_score))')) }}) as squares,
        sum({{ as_amount(product('excess', '(score - middle_score)')) }}) as products
    from means
    group by goal_key, stated_on, fit, points_per_doubling, even_score, middle_score

),

-- A step of Newton's method to the maximum likelihood, so that the line predicts as many conversions as there were. A doubling is ln 2 =
-- 0.693147 of the log odds.
steps as (

    select
        *,
        {{ quotient('1', 'points_per_doubling') }} + {{ quotient('products', '0.693147 * squares') }} as doublings_per_point,
        {{ as_amount(
            quotient('middle_score - even_score', 'points_per_doubling') ~ ' + ' ~ quotient('excess', '0.693147 * weight')
        ) }} as middle_doublings
    from sums
    where squares > 0

),

lines as (

    select
        *,
        {{ as_amount(quotient('1', 'doublings_per_point')) }} as fitted_points
    from steps
    where doublings_per_point > 0.000001

),

final as (

    select
        goal_key,
        stated_on,
        fit,
        fitted_points as points_per_doubling,
        {{ as_amount('middle_score - middle_doublings * fitted_points') }} as even_score
    from lines

)

select * from final
