{{ config(materialized='table') }}

with

models as (

    select * from {{ ref('stg_score_models') }}

),

goals as (

    select * from {{ ref('stg_conversion_goals') }}

),

pairs as (

    select * from {{ ref('int_model_pairs') }}

),

-- A challenger without a goal uses that of its active model.
owners as (

    select
        models.model_id,
        coalesce(own.model_id, pairs.champion_id, models.model_id) as goal_of

    from models

    left join goals as own on models.model_id = own.model_id

    left join pairs on models.model_id = pairs.challenger_id

),

final as (

    select
        owners.model_id,
        coalesce(goals.outcome, 'won') as outcome,
        coalesce(goals.within_days, 30) as within_days,
        coalesce(goals.eligible, 'all') as eligible,
        goals.eligible_event_type,
        goals.eligible_within_days,
        goals.segment_attribute,
        coalesce(goals.evaluated_days, 365) as evaluated_days,
        coalesce(goals.attribution_days, 90) as attribution_days

    from owners

    left join goals on owners.goal_of = goals.model_id

)

select * from final
