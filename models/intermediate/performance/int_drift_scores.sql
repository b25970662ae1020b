{{ config(materialized='table') }}

with

score_history as (

    select * from {{ ref('int_score_history') }}
    where status = 'scored'

),

evaluated_dates as (

    select * from {{ ref('int_evaluated_dates') }}

),

final as (

    select
        evaluated_dates.model_id,
        evaluated_dates.period,
        score_history.score,
        coalesce(score_history.band, 'none') as band,
        count(*) as leads

    from score_history

    inner join evaluated_dates
        on
            score_history.as_of_date = evaluated_dates.as_of_date
            and score_history.model_id = evaluated_dates.model_id

    group by evaluated_dates.model_id, evaluated_dates.period, score_history.score, coalesce(score_history.band, 'none')

)

select * from final
