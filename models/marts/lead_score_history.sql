{{
    config(
        materialized='incremental',
        incremental_strategy='parts',
        meta={'part': ['as_of_date'], 'keep': 'int_history_models', 'keep_where': 'not is_in_run', 'person': 'contact_id'},
        on_schema_change='fail'
    )
}}

with

lead_scores as (

    select * from {{ ref('int_lead_scores') }}

),

dates as (

    select distinct as_of_date from {{ ref('int_history_models') }}
    where is_in_run

),

probabilities as (

    select * from {{ ref('int_lead_probabilities') }}

),

erasures as (

    select * from {{ ref('stg_erasures') }}
    where erased_contact_id is not null

),

-- Erased contacts are removed from every date (`person` above).
final as (

    select
        lead_scores.as_of_date,
        lead_scores.model_id,
        lead_scores.contact_id,
        lead_scores.account_id,
        lead_scores.status,
        lead_scores.status_reason,
        lead_scores.score,
        lead_scores.behavioural_score,
        lead_scores.demographic_score,
        lead_scores.band,
        lead_scores.behavioural_band,
        lead_scores.demographic_band,
        lead_scores.grade,
        lead_scores.priority,
        lead_scores.band_since,
        probabilities.probability as conversion_probability,
        lead_scores.rules_version,
        lead_scores.bands_on,
        lead_scores.next_action

    from lead_scores

    inner join dates on lead_scores.as_of_date = dates.as_of_date

    left join probabilities
        on
            lead_scores.as_of_date = probabilities.as_of_date
            and lead_scores.model_id = probabilities.model_id
            and lead_scores.contact_id = probabilities.contact_id

    where lead_scores.contact_id not in (select erasures.erased_contact_id from erasures)

)

select * from final
