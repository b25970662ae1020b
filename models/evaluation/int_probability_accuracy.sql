with

levels as (

    select * from {{ ref('int_score_levels') }}
    where
        period <> 'all'
        and challenger_id is null

),

months as (

    select
        goal_key,
        period,
        min(as_of_date) as stated_on

    from {{ ref('int_evaluated_dates') }}

    where is_complete and is_recent

    group by goal_key, period

),

calibration as (

    select * from {{ ref('int_calibration') }}

),

-- Each score with its predicted probability at the start of the month.
stated as (

    select
        levels.goal_key,
        levels.period,
        levels.segment,
        levels.leads,
        levels.conversions,
        calibration.score_bin,
        {{ probability_at('levels.score', 'calibration') }} as probability

    from levels

    inner join months
        on
            levels.goal_key = months.goal_key
            and levels.period = months.period

    inner join calibration
        on
            months.goal_key = calibration.goal_key
            and months.stated_on = calibration.stated_on
            and (levels.score >= calibration.from_score or calibration.is_lowest)
            and (levels.score < calibration.below_score or calibration.below_score is null)

),

by_bin as (

    select
        goal_key,
        coalesce(period, 'all') as period,
        segment,
        score_bin,
        sum(leads) as leads,
        sum(conversions) as conversions,
        sum(leads * probability) as expected_conversions,
        -- Brier: the mean of (outcome - probability) squared.
        sum(conversions * (1 - 2 * probability) + leads * probability * probability) as squared_errors

    from stated

    group by grouping sets ((goal_key, segment, score_bin), (goal_key, period, segment, score_bin))

),

final as (

    select
        goal_key,
        period,
        segment,
        sum(leads) as leads_with_probability,
        {{ as_amount(quotient('sum(squared_errors)', 'sum(leads)')) }} as brier_score,
        -- Expected calibration error: mean distance of predicted and observed rate over the bins, weighted by leads.
        {{ as_amount(quotient('sum(abs(expected_conversions - conversions))', 'sum(leads)')) }} as calibration_error

    from by_bin

    group by goal_key, period, segment

)

select * from final
