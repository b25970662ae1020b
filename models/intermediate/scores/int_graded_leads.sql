{{ config(materialized='view') }}

-- Leads with their scores, bands, and the grade, priority and next action of score_matrix.csv.

with

leads as (

    select * from {{ ref('int_leads') }}

),

scores as (

    select * from {{ ref('int_scores') }}

),

bands as (

    select * from {{ ref('int_bands') }}

),

band_periods as (

    select * from {{ ref('int_band_periods') }}

),

matrix as (

    select * from {{ ref('stg_score_matrix') }}

),

rules_versions as (

    select * from {{ ref('int_rules_versions') }}

),

final as (

    select
        leads.as_of_date,
        leads.model_id,
        leads.contact_key,
        leads.contact_id,
        leads.account_id,
        leads.status,
        leads.status_reason,
        scores.score,
        scores.behavioural_score,
        scores.demographic_score,
        bands.band,
        bands.behavioural_band,
        bands.demographic_band,
        band_periods.band_since,
        bands.bands_on,
        matrix.grade,
        matrix.priority,
        matrix.next_action,
        leads.last_event_at,
        rules_versions.rules_version

    from leads

    inner join rules_versions on leads.model_id = rules_versions.model_id

    left join scores
        on
            leads.as_of_date = scores.as_of_date
            and leads.model_id = scores.model_id
            and leads.contact_key = scores.contact_key

    left join bands
        on
            leads.as_of_date = bands.as_of_date
            and leads.model_id = bands.model_id
            and leads.contact_key = bands.contact_key

    left join band_periods
        on
            leads.as_of_date = band_periods.as_of_date
            and leads.model_id = band_periods.model_id
            and leads.contact_key = band_periods.contact_key

    left join matrix
        on
            leads.model_id = matrix.model_id
            and bands.demographic_band = matrix.demographic_band
            and bands.behavioural_band = matrix.behavioural_band

)

select * from final
