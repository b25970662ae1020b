with

rule_bins as (

    select * from {{ ref('int_rule_bins') }}

),

calibration as (

    select * from {{ ref('int_calibration') }}
    where is_latest

),

-- Log-odds per point, by Berkson's minimum logit chi-square: a line through the bins' log-odds, weighted by n p (1 - p). Half a
-- conversion is added on either side to keep the logarithm finite.
observed as (

    select
        goal_key,
        mean_score as score,
        {{ log_of(quotient('conversions + 0.5', 'leads - conversions + 0.5')) }} as log_odds,
        {{ as_amount(quotient('(conversions + 0.5) * (leads - conversions + 0.5)', 'leads + 1')) }} as weight

    from calibration

),

means as (

    select
        goal_key,
        {{ as_amount(quotient('sum(' ~ product('weight', 'score') ~ ')', 'nullif(sum(weight), 0)')) }} as score,
        {{ as_amount(quotient('sum(' ~ product('weight', 'log_odds') ~ ')', 'nullif(sum(weight), 0)')) }} as log_odds

    from observed

    group by goal_key

),

distances as (

    select
        observed.goal_key,
        observed.weight,
        {{ as_amount(product('observed.score - means.score', '(observed.log_odds - means.log_odds)')) }} as score_by_log_odds,
        {{ as_amount(product('observed.score - means.score', '(observed.score - means.score)')) }} as score_by_score

    from observed

    inner join means on observed.goal_key = means.goal_key

),

-- Points have no scale if higher scores do not convert better.
slopes as (

    select
        goal_key,
        {{ as_amount(quotient(
            'sum(' ~ product('weight', 'score_by_log_odds') ~ ')', 'nullif(sum(' ~ product('weight', 'score_by_score') ~ '), 0)'
        )) }} as log_odds_per_point

    from distances

    group by goal_key

    having sum({{ product('weight', 'score_by_log_odds') }}) > 0

),

-- First and second derivative of the log-likelihood by the rule's coefficient, at the current predicted probabilities.
added_up as (

    select
        goal_key,
        rule_id,
        {{ as_amount('sum(surplus)') }} as surplus,
        {{ as_amount('greatest(sum(information), 0)') }} as information

    from rule_bins

    group by goal_key, rule_id

),

final as (

    select
        added_up.goal_key,
        added_up.rule_id,
        slopes.log_odds_per_point,
        added_up.surplus,
        added_up.information

    from added_up

    inner join slopes on added_up.goal_key = slopes.goal_key

)

select * from final
