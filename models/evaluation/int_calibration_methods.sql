with

bins as (

    select * from {{ ref('int_calibration_bins') }}

),

isotonic_rates as (

    select * from {{ ref('int_isotonic_rates') }}

),

platt_lines as (

    select * from {{ ref('int_platt_lines') }}

),

-- The probability of each bin by both methods, fitted to the earlier dates.
predicted as (

    select
        bins.goal_key,
        bins.stated_on,
        bins.late_leads,
        bins.late_conversions,
        least(greatest(isotonic_rates.probability, 0.000001), 0.999999) as isotonic,
        {{ as_amount(platt_probability('bins.mean_score', 'platt_lines')) }} as platt

    from bins

    inner join isotonic_rates
        on
            bins.goal_key = isotonic_rates.goal_key
            and bins.stated_on = isotonic_rates.stated_on
            and bins.fit = isotonic_rates.fit
            and bins.score_bin = isotonic_rates.score_bin

    inner join platt_lines
        on
            bins.goal_key = platt_lines.goal_key
            and bins.stated_on = platt_lines.stated_on
            and bins.fit = platt_lines.fit

    where bins.fit = 'early'

),

losses as (

    select
        goal_key,
        stated_on,
        sum(
            late_conversions * ({{ log_of('platt') }} - {{ log_of('isotonic') }})
            + (late_leads - late_conversions) * ({{ log_of('1 - platt') }} - {{ log_of('1 - isotonic') }})
        ) as gain_of_platt

    from predicted

    group by goal_key, stated_on

),

-- Isotonic where the dates are too few to compare.
final as (

    select
        platt_lines.goal_key,
        platt_lines.stated_on,
        platt_lines.points_per_doubling,
        platt_lines.even_score

    from platt_lines

    inner join losses
        on
            platt_lines.goal_key = losses.goal_key
            and platt_lines.stated_on = losses.stated_on

    where
        platt_lines.fit = 'all'
        and losses.gain_of_platt > 0

)

select * from final
