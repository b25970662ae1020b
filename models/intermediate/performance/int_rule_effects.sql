with

rule_levels as (

    select * from {{ ref('int_rule_levels') }}

),

rules as (

    select * from {{ ref('int_rules') }}

),

score_levels as (

    select * from {{ ref('int_score_levels') }}
    where
        period = 'all'
        and segment is null

),

calibration as (

    select * from {{ ref('int_calibration') }}
    where period = 'latest'

),

slope as (

    select * from {{ ref('int_calibration_slope') }}

),

-- What all leads weigh in the likelihood: n p (1 - p).
all_leads as (

    select
        score_levels.model_id,
        sum(score_levels.leads * {{ as_amount('calibration.probability * (1 - calibration.probability)') }}) as weight

    from score_levels

    inner join calibration
        on
            score_levels.model_id = calibration.model_id
            and (score_levels.score >= calibration.from_score or calibration.is_lowest)
            and (score_levels.score < calibration.below_score or calibration.below_score is null)

    group by score_levels.model_id

),

-- x is what the rule gave, or 1 where its points are 0 and so tell nothing.
measured as (

    select
        rule_levels.model_id,
        rule_levels.rule_id,
        rule_levels.leads,
        rule_levels.conversions,
        calibration.probability,
        {{ as_amount('calibration.probability * (1 - calibration.probability)') }} as spread,
        case when rules.points = 0 or rules.weight = 0 then 1 else rule_levels.points end as x

    from rule_levels

    inner join rules on rule_levels.rule_id = rules.rule_id

    inner join calibration
        on
            rule_levels.model_id = calibration.model_id
            and (rule_levels.score >= calibration.from_score or calibration.is_lowest)
            and (rule_levels.score < calibration.below_score or calibration.below_score is null)

),

-- The first and second derivative of the log-likelihood by the rule's coefficient, at the probabilities that are stated now.
added_up as (

    select
        model_id,
        rule_id,
        sum(x * (conversions - leads * probability)) as surplus,
        sum(leads * {{ as_amount(product('x', 'x')) }} * spread) as information,
        sum(leads * x * spread) as weighted_x

    from measured

    group by model_id, rule_id

),

final as (

    select
        added_up.model_id,
        added_up.rule_id,
        slope.log_odds_per_point,
        {{ as_amount('added_up.surplus') }} as surplus,
        -- Less what a shift of all leads alike would do as well.
        {{ as_amount('added_up.information - added_up.weighted_x * (added_up.weighted_x / nullif(all_leads.weight, 0))') }} as information

    from added_up

    inner join slope on added_up.model_id = slope.model_id

    inner join all_leads on added_up.model_id = all_leads.model_id

)

select * from final
