-- Conversion rate and predicted probability by score, for the model's main goal.

with

final as (

    select
        bins.model_id,
        bins.score_bin,
        bins.from_score,
        bins.to_score,
        bins.leads,
        bins.conversions,
        bins.observed_rate,
        bins.rate_from,
        bins.rate_to,
        bins.probability

    from {{ ref('score_calibration') }} as bins

    inner join {{ ref('outcome_findings') }} as goals
        on
            bins.model_id = goals.model_id
            and bins.goal_id is not distinct from goals.goal_id

    where goals.is_main_goal

)

select * from final
order by
    model_id,
    score_bin
