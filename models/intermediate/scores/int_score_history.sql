{{ config(materialized='view') }}

-- Scores of all as-of dates, for the evaluation: those of this build, and the published scores of other dates.

with

leads as (

    select * from {{ ref('int_leads') }}

),

scores as (

    select * from {{ ref('int_scores') }}

),

rules_versions as (

    select * from {{ ref('int_rules_versions') }}

),

score_history as (

    select * from {{ ref('stg_score_history') }}

),

history_dates as (

    select * from {{ ref('int_history_dates') }}

),

final as (

    select
        leads.as_of_date,
        leads.model_id,
        leads.contact_id,
        leads.status,
        scores.score,
        rules_versions.rules_version

    from leads

    inner join rules_versions on leads.model_id = rules_versions.model_id

    left join scores
        on
            leads.as_of_date = scores.as_of_date
            and leads.model_id = scores.model_id
            and leads.contact_key = scores.contact_key

    union all

    select
        score_history.as_of_date,
        score_history.model_id,
        score_history.contact_id,
        score_history.status,
        score_history.score,
        score_history.rules_version

    from score_history

    inner join history_dates on score_history.as_of_date = history_dates.as_of_date

    where not history_dates.is_in_run

)

select * from final
