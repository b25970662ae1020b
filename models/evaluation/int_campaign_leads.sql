with

lead_scores as (

    select scores.*, goals.goal_key -- noqa: LT09
    from {{ ref('int_lead_scores') }} as scores
    inner join {{ ref('int_conversion_goals') }} as goals on scores.model_id = goals.model_id
    where
        scores.status = 'scored'
        and scores.as_of_date = (select max(dates.as_of_date) from {{ ref('int_as_of_dates') }} as dates)

),

conversions as (

    select * from {{ ref('int_conversions') }}

),

touches as (

    select * from {{ ref('int_campaign_touches') }}

),

leads as (

    select
        lead_scores.goal_key,
        lead_scores.contact_key,
        lead_scores.score,
        max(conversions.occurred_at) as last_converted_at
    from lead_scores
    left join conversions
        on
            lead_scores.goal_key = conversions.goal_key
            and lead_scores.contact_id = conversions.contact_id
    group by lead_scores.goal_key, lead_scores.contact_key, lead_scores.score

),

first_touches as (

    select
        contact_key,
        channel,
        campaign,
        min(occurred_at) as touched_at
    from touches
    group by contact_key, channel, campaign

),

-- Most leads never converted: they share one row per campaign.
touched as (

    select
        leads.goal_key,
        first_touches.channel,
        first_touches.campaign,
        leads.last_converted_at,
        min(min(first_touches.touched_at)) over (partition by leads.goal_key, first_touches.channel, first_touches.campaign) as began_at,
        count(*) as leads,
        sum(leads.score) as score_sum,
        sum(case when leads.last_converted_at > first_touches.touched_at then 1 else 0 end) as converted_after_touch
    from first_touches
    inner join leads on first_touches.contact_key = leads.contact_key
    group by leads.goal_key, first_touches.channel, first_touches.campaign, leads.last_converted_at

),

-- Since the campaign's first touch, so that untouched leads are evaluated over the same period.
campaigns as (

    select
        goal_key,
        channel,
        campaign,
        began_at,
        sum(leads) as leads_touched,
        sum(score_sum) as score_sum,
        sum(converted_after_touch) as converted_after_touch,
        sum(case when last_converted_at > began_at then leads else 0 end) as converted_since
    from touched
    group by goal_key, channel, campaign, began_at

),

leads_by_conversion as (

    select
        goal_key,
        last_converted_at,
        count(*) as leads
    from leads
    group by goal_key, last_converted_at

),

final as (

    select
        campaigns.goal_key,
        campaigns.channel,
        campaigns.campaign,
        campaigns.leads_touched,
        campaigns.score_sum,
        campaigns.converted_after_touch,
        sum(all_leads.leads) - campaigns.leads_touched as leads_untouched,
        sum(case when all_leads.last_converted_at > campaigns.began_at then all_leads.leads else 0 end)
        - campaigns.converted_since as untouched_converted
    from campaigns
    inner join leads_by_conversion as all_leads on campaigns.goal_key = all_leads.goal_key
    group by
        campaigns.goal_key, campaigns.channel, campaigns.campaign,
        campaigns.leads_touched, campaigns.score_sum, campaigns.converted_after_touch, campaigns.converted_since

)

select * from final
