-- The ledger of each lead of the call list (report_leads.sql).

with

leads as (

    select
        lead_scores.as_of_date,
        lead_scores.model_id,
        lead_scores.contact_id,
        row_number() over (
            partition by lead_scores.model_id
            order by lead_scores.priority asc nulls last, lead_scores.rank_in_model asc, lead_scores.contact_id asc
        ) as place

    from {{ ref('lead_scores') }} as lead_scores

    left join {{ ref('lead_stages') }} as lead_stages on lead_scores.contact_id = lead_stages.contact_id

    where
        lead_scores.model_status = 'active'
        and lead_scores.status = 'scored'
        and coalesce(lead_stages.kind, 'open') = 'open'

),

final as (

    select
        ledger.model_id,
        ledger.contact_id,
        ledger.points,
        coalesce(ledger.explanation, ledger.rule_id) as explanation,
        row_number() over (
            partition by ledger.model_id, ledger.contact_id
            order by abs(ledger.points) desc, ledger.rule_id asc, ledger.rule_group asc
        ) as place

    from {{ ref('lead_score_contributions') }} as ledger

    inner join leads
        on
            ledger.as_of_date = leads.as_of_date
            and ledger.model_id = leads.model_id
            and ledger.contact_id = leads.contact_id

    where leads.place <= {{ var('report_leads', 200) }}

)

select * from final
order by
    model_id,
    contact_id,
    place
