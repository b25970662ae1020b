with

lead_scores as (

    select * from {{ ref('int_lead_scores') }}

),

dates as (

    select * from {{ ref('int_as_of_dates') }}
    where is_latest

),

standings as (

    select * from {{ ref('int_standings') }}

),

reasons as (

    select * from {{ ref('int_reasons') }}

),

probabilities as (

    select * from {{ ref('int_lead_probabilities') }}

),

models as (

    select * from {{ ref('stg_score_models') }}

),

stages as (

    select * from {{ ref('int_stage_changes') }}

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
        lead_scores.next_action,
        standings.rank_in_model,
        standings.percentile_in_model,
        standings.score_change_7d,
        standings.score_change_30d,
        standings.trend,
        lead_scores.band_since,
        {{ days_between('lead_scores.band_since', 'lead_scores.as_of_date') }} as days_in_band,
        lead_scores.last_event_at,
        reasons.reason_1,
        reasons.reason_2,
        reasons.reason_3,
        probabilities.probability as conversion_probability,
        probabilities.expected_value,
        {{ as_count('probabilities.past_leads') }} as past_leads,
        lead_scores.rules_version,
        models.status as model_status,
        lead_scores.points_to_next_band,
        stages.stage,
        stages.entered_on as stage_since

    from lead_scores

    inner join dates on lead_scores.as_of_date = dates.as_of_date

    inner join models on lead_scores.model_id = models.model_id

    left join standings
        on
            lead_scores.model_id = standings.model_id
            and lead_scores.contact_id = standings.contact_id

    left join reasons
        on
            lead_scores.model_id = reasons.model_id
            and lead_scores.contact_key = reasons.contact_key

    left join probabilities
        on
            lead_scores.as_of_date = probabilities.as_of_date
            and lead_scores.model_id = probabilities.model_id
            and lead_scores.contact_id = probabilities.contact_id

    left join stages
        on
            lead_scores.contact_id = stages.contact_id
            and lead_scores.as_of_date >= stages.entered_on
            and (stages.left_on is null or lead_scores.as_of_date < stages.left_on)

)

select * from final
