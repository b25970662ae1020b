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

with_goals as (

    select distinct model_id from goals

),

-- A challenger without goals uses those of its active model.
owners as (

    select
        models.model_id,
        coalesce(with_goals.model_id, pairs.champion_id, models.model_id) as goals_of

    from models

    left join with_goals on models.model_id = with_goals.model_id

    left join pairs on models.model_id = pairs.challenger_id

),

-- The main goal is the one without a goal_id, else the first.
numbered as (

    select
        {{ hash_number(['owners.model_id', 'goals.goal_id']) }} as goal_key,
        owners.model_id,
        goals.goal_id,
        row_number() over (
            partition by owners.model_id
            order by case when goals.goal_id is null then 0 else 1 end, goals.goal_id
        ) = 1 as is_main,
        coalesce(goals.outcome, 'won') as outcome,
        coalesce(goals.within_days, 30) as within_days,
        coalesce(goals.eligible, 'all') as eligible,
        goals.eligible_event_type,
        goals.eligible_within_days,
        goals.segment_attribute,
        coalesce(goals.evaluated_days, 365) as evaluated_days,
        coalesce(goals.attribution_days, 90) as attribution_days

    from owners

    left join goals on owners.goals_of = goals.model_id

),

final as (

    select
        *,
        case when not is_main then ', goal ' || goal_id end as subject_suffix

    from numbered

)

select * from final
