{{ config(materialized='view') }}

-- The scores of all as-of dates: those of this build, and those of other dates as they were published.

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
        account_id,
        status,
        status_reason,
        score,
        behavioural_score,
        demographic_score,
        band,
        behavioural_band,
        demographic_band,
        band_since,
        bands_on,
        grade,
        priority,
        rules_version

    from lead_scores

    union all

    select score_history.*

    from score_history

    inner join history_dates on score_history.as_of_date = history_dates.as_of_date

    where not history_dates.is_in_run

)

select * from final
