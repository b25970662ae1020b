-- The ledger of each lead of the call list (report_leads.sql).

with

leads as (

    select * from {{ ref('call_list') }}
    where place <= {{ var('report_leads', 200) }}

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

)

select * from final
order by
    model_id,
    contact_id,
    place
