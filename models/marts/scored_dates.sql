-- Written last, when all else is built and tested: a date that stands here is done.
-- depends_on: {{ ref('lead_score_changes') }}

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
