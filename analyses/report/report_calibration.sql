-- Conversion rate and predicted probability by score.

with

final as (

    select
        model_id,
        score_bin,
        from_score,
        to_score,
        leads,
        conversions,
        observed_rate,
        rate_from,
        rate_to,
        probability

    from {{ ref('score_calibration') }}

)

select * from final
order by
    model_id,
    score_bin
