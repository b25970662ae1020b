{{ config(materialized='table') }}

with

leads as (

    select * from {{ ref('int_lead_scores') }}
    where status = 'scored'

),

dates as (

    select * from {{ ref('int_as_of_dates') }}
    where is_latest

),

conversions as (

    select * from {{ ref('int_conversions') }}

),

final as (

    select
        leads.model_id,
        leads.contact_id,
        leads.score,
        max(conversions.occurred_at) as last_converted_at

    from leads

    inner join dates on leads.as_of_date = dates.as_of_date

    left join conversions
        on
            leads.model_id = conversions.model_id
            and leads.contact_id = conversions.contact_id

    group by leads.model_id, leads.contact_id, leads.score

)

select * from final
