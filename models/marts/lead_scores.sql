with

lead_scores as (

    select * from {{ ref('int_lead_scores') }}

),

dates as (

    select * from {{ ref('int_as_of_dates') }}
    where is_latest

),

explanations as (

    select * from {{ ref('int_explanations') }}
    where
        rule_kind <> 'adjustment'
        -- Less than this is told as 0.0, which is no reason.
        and abs(points) >= 0.05

),

numbered_reasons as (

    select
        *,
        row_number() over (
            partition by as_of_date, model_id, contact_id
            order by abs(points) desc, rule_id
        ) as reason_number

    from explanations

),

reasons as (

    select
        as_of_date,
        model_id,
        contact_id,
        max(case when reason_number = 1 then reason end) as reason_1,
        max(case when reason_number = 2 then reason end) as reason_2,
        max(case when reason_number = 3 then reason end) as reason_3

    from numbered_reasons

    where reason_number <= 3

    group by as_of_date, model_id, contact_id

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
        lead_scores.rank_in_model,
        lead_scores.percentile_in_model,
        {{ as_points('lead_scores.score - a_week_before.score') }} as score_change_7d,
        lead_scores.last_event_at,
        reasons.reason_1,
        reasons.reason_2,
        reasons.reason_3,
        lead_scores.rules_version

    from lead_scores

    inner join dates on lead_scores.as_of_date = dates.as_of_date

    left join lead_scores as a_week_before
        on
            a_week_before.as_of_date = {{ add_days('lead_scores.as_of_date', -7) }}
            and lead_scores.model_id = a_week_before.model_id
            and lead_scores.contact_id = a_week_before.contact_id

    left join reasons
        on
            lead_scores.as_of_date = reasons.as_of_date
            and lead_scores.model_id = reasons.model_id
            and lead_scores.contact_id = reasons.contact_id

)

select * from final
