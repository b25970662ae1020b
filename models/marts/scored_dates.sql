-- Written last, when all else is built and tested: a date that stands here is done.
-- depends_on: {{ ref('lead_scores') }}
-- depends_on: {{ ref('lead_score_contributions') }}
-- depends_on: {{ ref('lead_score_criteria') }}
-- depends_on: {{ ref('lead_score_history') }}
-- depends_on: {{ ref('lead_score_changes') }}
-- depends_on: {{ ref('rules_versions') }}

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
