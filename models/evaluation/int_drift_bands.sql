{{ config(materialized='table') }}

with

lead_scores as (

    select * from {{ ref('int_lead_scores') }}
    where status = 'scored'

),

score_history as (

    select * from {{ ref('stg_score_history') }}
    where status = 'scored'

),

evaluated_dates as (

    select * from {{ ref('int_evaluated_dates') }}
    where is_recent

),

-- Bands of this build, and the published bands of other dates.
leads as (

    select
        evaluated_dates.model_id,
        evaluated_dates.period,
        lead_scores.band

    from lead_scores

    inner join evaluated_dates
        on
            lead_scores.as_of_date = evaluated_dates.as_of_date
            and lead_scores.model_id = evaluated_dates.model_id

    union all

    select
        evaluated_dates.model_id,
        evaluated_dates.period,
        score_history.band

    from score_history

    inner join evaluated_dates
        on
            score_history.as_of_date = evaluated_dates.as_of_date
            and score_history.model_id = evaluated_dates.model_id

    where not evaluated_dates.is_of_run

),

final as (

    select
        model_id,
        period,
        coalesce(band, 'none') as band,
        count(*) as leads

    from leads

    group by model_id, period, coalesce(band, 'none')

)

select * from final
