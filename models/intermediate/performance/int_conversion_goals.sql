{{ config(materialized='table') }}

with

models as (

    select * from {{ ref('int_scored_models') }}

),

goals as (

    select * from {{ ref('stg_conversion_goals') }}

),

final as (

    select
        models.model_id,
        coalesce(goals.outcome, 'won') as outcome,
        coalesce(goals.within_days, 30) as within_days,
        coalesce(goals.eligible, 'all') as eligible,
        goals.eligible_event_type,
        goals.eligible_within_days,
        goals.segment_attribute,
        coalesce(goals.evaluated_days, 365) as evaluated_days,
        coalesce(goals.attribution_days, 90) as attribution_days

    from models

    left join goals on models.model_id = goals.model_id

)

select * from final
