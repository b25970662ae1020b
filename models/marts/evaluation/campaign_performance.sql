with

leads as (

    select * from {{ ref('int_campaign_leads') }}

),

goals as (

    select * from {{ ref('int_conversion_goals') }}

),

conversions as (

    select * from {{ ref('int_conversions') }}
    where not is_of_merged_contact

),

touches as (

    select * from {{ ref('int_campaign_touches') }}

),

-- Touches before each conversion, in order.
paths as (

    select
        conversions.goal_key,
        conversions.value,
        touches.channel,
        touches.campaign,
        row_number() over (
            partition by conversions.goal_key, conversions.outcome_id
            order by touches.occurred_at, touches.event_id
        ) as touch_number,
        count(*) over (partition by conversions.goal_key, conversions.outcome_id) as touches

    from conversions

    inner join touches
        on
            conversions.contact_id = touches.contact_id
            and conversions.occurred_at > touches.occurred_at
            and touches.occurred_at >= {{ add_time('conversions.occurred_at', '-conversions.attribution_days', 'day') }}

),

credits as (

    select
        goal_key,
        channel,
        campaign,
        sum(case when touch_number = 1 then 1 else 0 end) as first_touch_conversions,
        sum(case when touch_number = touches then 1 else 0 end) as last_touch_conversions,
        {{ as_amount('sum(' ~ fraction('1', 'touches') ~ ')') }} as linear_conversions,
        {{ as_amount('sum(value * ' ~ fraction('1', 'touches') ~ ')') }} as linear_value

    from paths

    group by goal_key, channel, campaign

),

final as (

    select
        goals.model_id,
        goals.goal_id,
        leads.channel,
        leads.campaign,
        {{ as_count('leads.leads_touched') }} as leads_touched,
        {{ as_count('leads.converted_after_touch') }} as leads_converted,
        {{ as_amount(divided('leads.converted_after_touch', 'leads.leads_touched')) }} as conversion_rate,
        {{ as_amount(divided('leads.untouched_converted', 'nullif(leads.leads_untouched, 0)')) }} as untouched_rate,
        {{ as_points(mean_of('leads.score_sum', 'leads.leads_touched')) }} as points_per_lead,
        {{ as_count('coalesce(credits.first_touch_conversions, 0)') }} as first_touch_conversions,
        {{ as_count('coalesce(credits.last_touch_conversions, 0)') }} as last_touch_conversions,
        {{ as_amount('coalesce(credits.linear_conversions, 0)') }} as linear_conversions,
        {{ as_amount('credits.linear_value') }} as linear_value

    from leads

    inner join goals on leads.goal_key = goals.goal_key

    left join credits
        on
            leads.goal_key = credits.goal_key
            and leads.channel = credits.channel
            and leads.campaign = credits.campaign

)

select * from final
