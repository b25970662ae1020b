{{ config(materialized='table') }}

with

leads as (

    select * from {{ ref('int_stated_leads') }}

),

final as (

    select
        model_id,
        contact_id,
        score_bin,
        max(probability) as probability,
        count(*) as leads,
        sum(is_converted) as conversions,
        sum(residual) as residual

    from leads

    group by model_id, contact_id, score_bin

)

select * from final
