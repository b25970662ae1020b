{{ config(materialized='table') }}

with

scores as (

    select * from {{ ref('int_drift_scores') }}

),

periods as (

    select
        model_id,
        period,
        sum(leads) as leads

    from scores

    group by model_id, period

),

final as (

    select
        model_id,
        period,
        leads,
        lag(period) over (
            partition by model_id
            order by period
        ) as previous_period,
        lag(leads) over (
            partition by model_id
            order by period
        ) as previous_leads

    from periods

)

select * from final
