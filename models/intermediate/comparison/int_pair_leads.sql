{{ config(materialized='table') }}

with

pairs as (

    select * from {{ ref('int_model_pairs') }}

),

outcomes as (

    select * from {{ ref('int_lead_outcomes') }}

),

score_history as (

    select * from {{ ref('int_score_history') }}
    where status = 'scored'

),

-- Leads, dates and outcomes are the active model's; the challenger is scored beside it or the lead counts for neither.
final as (

    select
        pairs.champion_id,
        pairs.challenger_id,
        outcomes.as_of_date,
        outcomes.contact_id,
        outcomes.is_converted,
        outcomes.score as champion_score,
        challengers.score as challenger_score

    from pairs

    inner join outcomes on pairs.champion_id = outcomes.model_id

    inner join score_history as challengers
        on
            pairs.challenger_id = challengers.model_id
            and outcomes.as_of_date = challengers.as_of_date
            and outcomes.contact_id = challengers.contact_id

)

select * from final
