-- Written last, when all else is built and tested: a date that stands here is done.
-- depends_on: {{ ref('lead_scores') }}
-- depends_on: {{ ref('lead_score_contributions') }}
-- depends_on: {{ ref('lead_score_criteria') }}
-- depends_on: {{ ref('lead_score_history') }}
-- depends_on: {{ ref('lead_score_changes') }}
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
-- depends_on: {{ ref('rejected_contacts') }}
-- depends_on: {{ ref('rejected_events') }}
-- depends_on: {{ ref('rejected_identities') }}
-- depends_on: {{ ref('rejected_outcomes') }}

with

history_models as (

    select * from {{ ref('int_history_models') }}

),

final as (

    select
        as_of_date,
        model_id,
        rules_version,
        rules_fingerprint

    from history_models

)

select * from final
