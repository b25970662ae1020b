{{ config(materialized='view') }}

-- As int_score_history, with bands and grades.

with

lead_scores as (

    select * from {{ ref('int_lead_scores') }}

),

score_history as (

    select * from {{ ref('stg_score_history') }}

),

history_dates as (

    select * from {{ ref('int_history_dates') }}

),

final as (

    select
        as_of_date,
        model_id,
        contact_id,
        status,
        score,
        band,
        band_since,
        grade
    from lead_scores

    union all

    select
        score_history.as_of_date,
        score_history.model_id,
        score_history.contact_id,
        score_history.status,
        score_history.score,
        score_history.band,
        score_history.band_since,
        score_history.grade

    from score_history

    inner join history_dates on score_history.as_of_date = history_dates.as_of_date

    where not history_dates.is_in_run

)

select * from final
