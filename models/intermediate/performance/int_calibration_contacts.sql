with

outcomes as (

    select * from {{ ref('int_lead_outcomes') }}

),

dates as (

    select * from {{ ref('int_calibration_dates') }}

),

final as (

    select
        dates.model_id,
        dates.period,
        count(distinct outcomes.contact_id) as contacts,
        count(distinct case when outcomes.is_converted = 1 then outcomes.contact_id end) as converted_contacts

    from outcomes

    inner join dates
        on
            outcomes.model_id = dates.model_id
            and outcomes.as_of_date = dates.as_of_date

    group by dates.model_id, dates.period

)

select * from final
