{{ config(materialized='table') }}

with

outcomes as (

    select * from {{ ref('int_lead_outcomes') }}
    where
        is_complete
        and is_main
        and value is not null

),

dates as (

    select * from {{ ref('int_calibration_dates') }}
    where is_of_run

),

numbered as (

    select
        dates.goal_key,
        dates.stated_on,
        dates.is_latest,
        outcomes.model_id,
        outcomes.as_of_date,
        outcomes.contact_id,
        outcomes.value,
        row_number() over (
            partition by dates.goal_key, dates.stated_on, outcomes.contact_id
            order by outcomes.as_of_date desc
        ) as place

    from outcomes

    inner join dates
        on
            outcomes.goal_key = dates.goal_key
            and outcomes.as_of_date = dates.as_of_date

),

-- Each contact counts once, as it was on its last date before a conversion.
final as (

    select
        goal_key,
        stated_on,
        is_latest,
        model_id,
        as_of_date,
        contact_id,
        value,
        case when value > 0 then {{ log2_of('value') }} end as doublings

    from numbered

    where place = 1

)

select * from final
