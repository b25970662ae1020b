{{ config(materialized='table') }}

with

outcomes as (

    select * from {{ ref('int_lead_outcomes') }}

),

-- Each lead counts in its month and in all of them, in its segment and in all of them.
levels as (

    select
        model_id,
        coalesce(period, 'all') as period,
        segment,
        score,
        count(*) as leads,
        sum(is_converted) as conversions

    from outcomes

    where segment is not null

    group by grouping sets ((model_id, segment, score), (model_id, period, segment, score))

    union all

    select
        model_id,
        coalesce(period, 'all') as period,
        {{ as_text('null') }} as segment,
        score,
        count(*) as leads,
        sum(is_converted) as conversions

    from outcomes

    group by grouping sets ((model_id, score), (model_id, period, score))

),

-- From the best score down: how many leads, and conversions, have this score or a better one.
ranked as (

    select
        *,
        sum(leads) over (
            partition by model_id, period, segment
            order by score desc
            rows between unbounded preceding and current row
        ) as leads_from_here,
        sum(conversions) over (
            partition by model_id, period, segment
            order by score desc
            rows between unbounded preceding and current row
        ) as conversions_from_here,
        sum(leads) over (partition by model_id, period, segment) as all_leads,
        sum(conversions) over (partition by model_id, period, segment) as all_conversions

    from levels

),

final as (

    select
        model_id,
        period,
        segment,
        score,
        leads,
        conversions,
        leads_from_here,
        conversions_from_here,
        all_leads,
        all_conversions

    from ranked

)

select * from final
