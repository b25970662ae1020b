-- Active models: leads, the number that is scored, and the number that is on the call list: those not won, lost or disqualified.

with

leads as (

    select * from {{ ref('lead_scores') }}
    where model_status = 'active'

),

stages as (

    select * from {{ ref('lead_stages') }}

),

final as (

    select
        leads.model_id,
        leads.as_of_date,
        count(*) as leads,
        count(leads.score) as scored,
        count(case when coalesce(stages.kind, 'open') = 'open' then leads.score end) as to_call

    from leads

    left join stages on leads.contact_id = stages.contact_id

    group by
        leads.model_id,
        leads.as_of_date

)

select * from final
order by model_id
