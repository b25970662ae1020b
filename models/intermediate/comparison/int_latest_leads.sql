{{ config(materialized='view') }}

with

leads as (

    select * from {{ ref('int_lead_scores') }}

),

dates as (

    select * from {{ ref('int_as_of_dates') }}
    where is_latest

),

ranks as (

    select * from {{ ref('int_ranks') }}

),

final as (

    select
        leads.as_of_date,
        leads.model_id,
        leads.contact_id,
        leads.status,
        leads.score,
        leads.band,
        ranks.rank_in_model

    from leads

    inner join dates on leads.as_of_date = dates.as_of_date

    left join ranks
        on
            leads.model_id = ranks.model_id
            and leads.contact_key = ranks.contact_key

)

select * from final
