{{ config(materialized='view') }}

-- Leads of the dates whose changes this build tells, and of the dates before them: those of this build, and the published ones of
-- other dates.

with

lead_scores as (

    select * from {{ ref('int_lead_scores') }}

),

score_history as (

    select * from {{ ref('stg_score_history') }}

),

models as (

    select * from {{ ref('int_history_models') }}
    where is_change_in_run

),

run_dates as (

    select * from {{ ref('int_history_dates') }}
    where is_in_run

),

dates as (

    select as_of_date from models
    union
    select previous_as_of_date as as_of_date from models

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
        grade,
        priority,
        next_action
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
        score_history.grade,
        score_history.priority,
        score_history.next_action
    from score_history
    inner join dates on score_history.as_of_date = dates.as_of_date
    where score_history.as_of_date not in (select run_dates.as_of_date from run_dates)

)

select * from final
