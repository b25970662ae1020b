{{ config(materialized='table') }}

with

leads as (

    select * from {{ ref('int_judged_leads') }}

),

-- Each lead counts in its month and in all, and in its segment and in all leads.
levels as (

    select
        goal_key,
        model_id,
        challenger_id,
        coalesce(period, 'all') as period,
        segment,
        score,
        count(*) as leads,
        sum(is_converted) as conversions

    from leads

    group by
        grouping sets (
            (goal_key, model_id, challenger_id, score),
            (goal_key, model_id, challenger_id, period, score),
            (goal_key, model_id, challenger_id, segment, score),
            (goal_key, model_id, challenger_id, period, segment, score)
        )

    having
        (grouping(period) = 1 or period is not null)
        and (grouping(segment) = 1 or segment is not null)

),

-- A contact counts once, whatever its number of dates, and converts once.
contacts as (

    select
        goal_key,
        model_id,
        challenger_id,
        coalesce(period, 'all') as period,
        segment,
        count(distinct contact_id) as contacts,
        count(distinct case when is_converted = 1 then contact_id end) as converted_contacts

    from leads

    group by
        grouping sets (
            (goal_key, model_id, challenger_id),
            (goal_key, model_id, challenger_id, period),
            (goal_key, model_id, challenger_id, segment),
            (goal_key, model_id, challenger_id, period, segment)
        )

    having
        (grouping(period) = 1 or period is not null)
        and (grouping(segment) = 1 or segment is not null)

),

-- Leads and conversions with this score or a higher one.
final as (

    select
        levels.*,
        sum(levels.leads) over from_the_best as leads_from_here,
        sum(levels.conversions) over from_the_best as conversions_from_here,
        sum(levels.leads) over of_all as all_leads,
        sum(levels.conversions) over of_all as all_conversions,
        contacts.contacts as all_contacts,
        contacts.converted_contacts as all_converted_contacts

    from levels

    inner join contacts
        on
            levels.goal_key = contacts.goal_key
            and levels.model_id = contacts.model_id
            and levels.challenger_id is not distinct from contacts.challenger_id
            and levels.period = contacts.period
            and levels.segment is not distinct from contacts.segment

    window
        of_all as (partition by levels.goal_key, levels.model_id, levels.challenger_id, levels.period, levels.segment),
        from_the_best as (
            partition by levels.goal_key, levels.model_id, levels.challenger_id, levels.period, levels.segment
            order by levels.score desc
        )

)

select * from final
