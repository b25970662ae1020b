with

dates as (

    select * from {{ ref('int_as_of_dates') }}
    where is_latest

),

models as (

    select * from {{ ref('stg_score_models') }}
    where status = 'active'

),

lead_scores as (

    select * from {{ ref('int_lead_scores') }}

),

reasons as (

    select * from {{ ref('int_reasons') }}

),

stages as (

    select * from {{ ref('int_stage_changes') }}

),

account_scores as (

    select * from {{ ref('int_account_scores') }}

),

account_bands as (

    select * from {{ ref('int_account_bands') }}

),

joined as (

    select
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
        reasons.reason_1,
        reasons.reason_2,
        reasons.reason_3,
        stages.stage,
        account_scores.score as account_score,
        account_bands.band as account_band,
        {{ as_text('null') }} as merged_into

    from lead_scores

    inner join dates on lead_scores.as_of_date = dates.as_of_date

    inner join models on lead_scores.model_id = models.model_id

    left join reasons
        on
            lead_scores.model_id = reasons.model_id
            and lead_scores.contact_key = reasons.contact_key

    left join stages
        on
            lead_scores.contact_id = stages.contact_id
            and lead_scores.as_of_date >= stages.entered_on
            and (stages.left_on is null or lead_scores.as_of_date < stages.left_on)

    left join account_scores
        on
            lead_scores.as_of_date = account_scores.as_of_date
            and lead_scores.model_id = account_scores.model_id
            and lead_scores.account_id = account_scores.account_id

    left join account_bands
        on
            lead_scores.as_of_date = account_bands.as_of_date
            and lead_scores.model_id = account_bands.model_id
            and lead_scores.account_id = account_bands.account_id

),

final as (

    select
        *,
        {{ sync_key('contact_id', 'model_id') }} as sync_key,
        {{ sync_hash(is_deleted=false) }} as row_hash

    from joined

)

select * from final
