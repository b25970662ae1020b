{{ config(materialized='table') }}

with

outcomes as (

    select * from {{ ref('int_outcomes') }}

),

goals as (

    select * from {{ ref('int_conversion_goals') }}

),

dates as (

    select * from {{ ref('int_as_of_dates') }}
    where is_latest

),

final as (

    select
        goals.model_id,
        goals.attribution_days,
        outcomes.outcome_id,
        outcomes.contact_id,
        outcomes.occurred_at,
        outcomes.occurred_date,
        outcomes.value,
        row_number() over (
            partition by goals.model_id, outcomes.contact_id
            order by outcomes.occurred_at, outcomes.outcome_id
        ) = 1 as is_first

    from outcomes

    inner join goals on outcomes.outcome = goals.outcome

    inner join dates on outcomes.occurred_date <= dates.as_of_date

)

select * from final
