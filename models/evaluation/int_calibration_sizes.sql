with

outcomes as (

    select * from {{ ref('int_lead_outcomes') }}
    where is_complete

),

dates as (

    select * from {{ ref('int_calibration_dates') }}

),

-- A date has a contact once.
leads_by_date as (

    select
        goal_key,
        as_of_date,
        count(*) as leads
    from outcomes
    group by goal_key, as_of_date

),

-- Contacts are told apart only where no date alone has enough of them: there are many, on many dates.
told_apart as (

    select
        outcomes.goal_key,
        outcomes.as_of_date,
        outcomes.contact_id,
        case when outcomes.is_converted = 1 then outcomes.contact_id end as converted_id

    from outcomes

    inner join leads_by_date
        on
            outcomes.goal_key = leads_by_date.goal_key
            and outcomes.as_of_date = leads_by_date.as_of_date

    where outcomes.is_converted = 1 or leads_by_date.leads < 100

),

-- Ten bins, or one per ten converted contacts if there are fewer than a hundred.
final as (

    select
        dates.goal_key,
        dates.stated_on,
        least(10, {{ whole_divided('count(distinct told_apart.converted_id)', 10) }}) as bins

    from dates

    inner join leads_by_date
        on
            dates.goal_key = leads_by_date.goal_key
            and dates.as_of_date = leads_by_date.as_of_date

    left join told_apart
        on
            dates.goal_key = told_apart.goal_key
            and dates.as_of_date = told_apart.as_of_date

    group by dates.goal_key, dates.stated_on

    having
        (max(leads_by_date.leads) >= 100 or count(distinct told_apart.contact_id) >= 100)
        and count(distinct told_apart.converted_id) >= 20

)

select * from final
