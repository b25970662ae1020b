{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        pre_hook="
            {% if is_incremental() %}
            delete from {{ this }}
            where
                (as_of_date, model_id) not in (
                    select (as_of_date, model_id) from {{ ref('int_history_models') }}
                    where not is_written
                )
                or contact_id in (select erased_contact_id from {{ ref('int_erased_contacts') }})
            {% endif %}
        "
    )
}}

-- Not before all else is built and tested: under other rules the next run would keep what one that failed has written.
-- depends_on: {{ ref('lead_scores') }}
-- depends_on: {{ ref('lead_score_contributions') }}
-- depends_on: {{ ref('lead_score_criteria') }}
-- depends_on: {{ ref('rules_versions') }}
-- depends_on: {{ ref('raw_row_counts') }}
-- depends_on: {{ ref('scoring_coverage') }}
-- depends_on: {{ ref('score_performance') }}
-- depends_on: {{ ref('score_calibration') }}
-- depends_on: {{ ref('rule_performance') }}
-- depends_on: {{ ref('campaign_performance') }}
-- depends_on: {{ ref('score_drift') }}
-- depends_on: {{ ref('model_comparison') }}
-- depends_on: {{ ref('band_migration') }}
-- depends_on: {{ ref('challenger_performance') }}
-- depends_on: {{ ref('rejected_contacts') }}
-- depends_on: {{ ref('rejected_events') }}
-- depends_on: {{ ref('rejected_identities') }}
-- depends_on: {{ ref('rejected_outcomes') }}
-- depends_on: {{ ref('int_known_rows') }}
-- depends_on: {{ ref('int_erased_contacts') }}

with

lead_scores as (

    select * from {{ ref('int_lead_scores') }}

),

history_models as (

    select * from {{ ref('int_history_models') }}

),

probabilities as (

    select * from {{ ref('int_lead_probabilities') }}

),

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
        lead_scores.rules_version

    from lead_scores

    inner join history_models
        on
            lead_scores.as_of_date = history_models.as_of_date
            and lead_scores.model_id = history_models.model_id

    left join probabilities
        on
            lead_scores.as_of_date = probabilities.as_of_date
            and lead_scores.model_id = probabilities.model_id
            and lead_scores.contact_id = probabilities.contact_id

    where history_models.is_written

)

select * from final
