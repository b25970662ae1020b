{{ config(materialized='table') }}

with

-- Recent by any goal of the model.
evaluated_dates as (

    select distinct model_id, as_of_date, period, is_of_run -- noqa: LT09
    from {{ ref('int_evaluated_dates') }}
    where is_recent

),

scores as (

    select * from {{ ref('int_scores') }}

),

bands as (

    select * from {{ ref('int_bands') }}

),

score_history as (

    select * from {{ ref('stg_score_history') }}
    where status = 'scored'

),

-- Bands of this build, and the published bands of other dates.
leads as (

    select
        evaluated_dates.model_id,
        evaluated_dates.period,
        scores.score,
        coalesce(bands.band, 'none') as band

    from scores

    inner join evaluated_dates
        on
            scores.as_of_date = evaluated_dates.as_of_date
            and scores.model_id = evaluated_dates.model_id

    left join bands
        on
            scores.as_of_date = bands.as_of_date
            and scores.model_id = bands.model_id
            and scores.contact_key = bands.contact_key

    union all

    select
        evaluated_dates.model_id,
        evaluated_dates.period,
        score_history.score,
        coalesce(score_history.band, 'none') as band

    from score_history

    inner join evaluated_dates
        on
            score_history.as_of_date = evaluated_dates.as_of_date
            and score_history.model_id = evaluated_dates.model_id

    where not evaluated_dates.is_of_run

),

periods as (

    select
        model_id,
        period,
        count(*) as period_leads,
        lag(period) over (partition by model_id order by period) as previous_period

    from leads

    group by model_id, period

),

final as (

    select
        leads.model_id,
        leads.period,
        periods.previous_period,
        periods.period_leads,
        leads.score,
        leads.band,
        count(*) as leads

    from leads

    inner join periods
        on
            leads.model_id = periods.model_id
            and leads.period = periods.period

    group by leads.model_id, leads.period, periods.previous_period, periods.period_leads, leads.score, leads.band

)

select * from final
