with

rule_bins as (

    select * from {{ ref('int_rule_bins') }}

),

variances as (

    select * from {{ ref('int_rule_variances') }}

),

slope as (

    select * from {{ ref('int_calibration_slope') }}

),

-- The first and second derivative of the log-likelihood by the rule's coefficient, at the probabilities that are stated now.
added_up as (

    select
        model_id,
        rule_id,
        {{ as_amount('sum(surplus)') }} as surplus,
        {{ as_amount('greatest(sum(information), 0)') }} as information

    from rule_bins

    group by model_id, rule_id

),

final as (

    select
        added_up.model_id,
        added_up.rule_id,
        slope.log_odds_per_point,
        added_up.surplus,
        added_up.information,
        variances.variance

    from added_up

    inner join slope on added_up.model_id = slope.model_id

    inner join variances on added_up.rule_id = variances.rule_id

)

select * from final
