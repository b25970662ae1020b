{{ config(materialized='table') }}

with

score_history as (

    select * from {{ ref('int_score_history') }}
    where status = 'scored'

),

evaluated_dates as (

    select * from {{ ref('int_evaluated_dates') }}
    where is_recent

),

scores as (

    select
        evaluated_dates.model_id,
        evaluated_dates.period,
        score_history.score,
        count(*) as leads

    from score_history

    inner join evaluated_dates
        on
            score_history.as_of_date = evaluated_dates.as_of_date
            and score_history.model_id = evaluated_dates.model_id

    group by evaluated_dates.model_id, evaluated_dates.period, score_history.score

),

periods as (

    select
        model_id,
        period,
        sum(leads) as leads,
        lag(period) over (partition by model_id order by period) as previous_period

    from scores

    group by model_id, period

),

final as (

    select
        scores.model_id,
        scores.period,
        periods.previous_period,
        periods.leads as period_leads,
        scores.score,
        scores.leads

    from scores

    inner join periods
        on
            scores.model_id = periods.model_id
            and scores.period = periods.period

)

select * from final
