with

bins as (

    select * from {{ ref('int_calibration_bins') }}
    where period = 'latest'

),

-- Berkson's minimum logit chi-square: a line through the bins' log-odds, each weighted by n p (1 - p). Half a conversion more on
-- either side keeps the logarithm finite.
observed as (

    select
        model_id,
        {{ as_amount('score_sum / leads') }} as score,
        {{ log_of('(conversions + 0.5) / (leads - conversions + 0.5)') }} as log_odds,
        {{ as_amount('(conversions + 0.5) * (leads - conversions + 0.5) / (leads + 1)') }} as weight

    from bins

),

means as (

    select
        model_id,
        {{ as_amount('sum(' ~ product('weight', 'score') ~ ') / nullif(sum(weight), 0)') }} as score,
        {{ as_amount('sum(' ~ product('weight', 'log_odds') ~ ') / nullif(sum(weight), 0)') }} as log_odds

    from observed

    group by model_id

),

distances as (

    select
        observed.model_id,
        observed.weight,
        {{ as_amount(product('observed.score - means.score', '(observed.log_odds - means.log_odds)')) }} as score_by_log_odds,
        {{ as_amount(product('observed.score - means.score', '(observed.score - means.score)')) }} as score_by_score

    from observed

    inner join means on observed.model_id = means.model_id

),

fitted as (

    select
        model_id,
        sum({{ product('weight', 'score_by_log_odds') }}) as covariance,
        sum({{ product('weight', 'score_by_score') }}) as variance

    from distances

    group by model_id

),

-- Where a better score is no better sign, points have no scale.
final as (

    select
        model_id,
        {{ as_amount('covariance / nullif(variance, 0)') }} as log_odds_per_point

    from fitted

    where covariance > 0

)

select * from final
