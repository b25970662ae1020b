-- Active models: leads, the number that is scored, and the number on the call list.

with

leads as (

    select * from {{ ref('lead_scores') }}
    where model_status = 'active'

),

calls as (

    select * from {{ ref('call_list') }}

),

final as (

    select
        leads.model_id,
        leads.as_of_date,
        count(*) as leads,
        count(leads.score) as scored,
        count(calls.place) as to_call

    from leads

    left join calls
        on
            leads.model_id = calls.model_id
            and leads.contact_id = calls.contact_id

    group by
        leads.model_id,
        leads.as_of_date

)

select * from final
order by model_id
