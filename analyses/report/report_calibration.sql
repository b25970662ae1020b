-- Conversion rate and predicted probability by score.

select * from {{ ref('score_calibration') }}
order by
    model_id,
    score_bin
