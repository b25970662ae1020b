{{ config(materialized='table') }}

with

outcomes as (

    select * from {{ ref('int_lead_outcomes') }}

),

dates as (

    select * from {{ ref('int_calibration_dates') }}

),

contacts as (

    select * from {{ ref('int_calibration_contacts') }}

),

levels as (

    select
        dates.model_id,
        dates.period,
        dates.stated_on,
        outcomes.score,
        count(*) as leads,
        sum(outcomes.is_converted) as conversions,
        sum(outcomes.value) as value,
        count(outcomes.value) as conversions_with_value

    from outcomes

    inner join dates
        on
            outcomes.model_id = dates.model_id
            and outcomes.as_of_date = dates.as_of_date

    group by dates.model_id, dates.period, dates.stated_on, outcomes.score

),

placed as (

    select
        *,
        sum(leads) over (
            partition by model_id, period
            order by score
            rows between unbounded preceding and current row
        ) as leads_up_to_here,
        sum(leads) over (partition by model_id, period) as all_leads,
        sum(conversions) over (partition by model_id, period) as all_conversions

    from levels

),

-- Ten bins with equal numbers of leads, or one for each ten converted contacts where these are few. Leads with one score share a bin.
binned as (

    select
        placed.*,
        1 + {{ whole_divided(
            'least(10, ' ~ whole_divided('contacts.converted_contacts', '10')
            ~ ') * (2 * placed.leads_up_to_here - placed.leads)',
            '2 * placed.all_leads'
        ) }} as score_bin

    from placed

    inner join contacts
        on
            placed.model_id = contacts.model_id
            and placed.period = contacts.period

    -- Fewer say too little.
    where
        contacts.contacts >= 100
        and contacts.converted_contacts >= 20

),

final as (

    select
        model_id,
        period,
        stated_on,
        score_bin,
        min(score) as from_score,
        max(score) as to_score,
        sum(leads) as leads,
        sum(conversions) as conversions,
        sum(score * leads) as score_sum,
        sum(value) as value,
        sum(conversions_with_value) as conversions_with_value,
        all_leads,
        all_conversions

    from binned

    group by model_id, period, stated_on, score_bin, all_leads, all_conversions

)

select * from final
