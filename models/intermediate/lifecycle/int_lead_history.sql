{{ config(materialized='view') }}

-- Leads of all as-of dates: those of this build, and the published ones of other dates.

with

lead_scores as (

    select * from {{ ref('int_lead_scores') }}

),

score_history as (

    select * from {{ ref('stg_score_history') }}

),

dates as (

    select * from {{ ref('int_history_dates') }}
    where is_in_run

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
    from score_history
    where as_of_date not in (select dates.as_of_date from dates)

)

select * from final
