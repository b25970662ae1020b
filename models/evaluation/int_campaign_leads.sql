with

lead_scores as (

    select * from {{ ref('int_lead_scores') }}
    where
        status = 'scored'
        and as_of_date = (select max(dates.as_of_date) from {{ ref('int_as_of_dates') }} as dates)

),

conversions as (

    select * from {{ ref('int_conversions') }}

),

touches as (

    select * from {{ ref('int_campaign_touches') }}

),

leads as (

    select
        lead_scores.model_id,
        lead_scores.contact_key,
        lead_scores.score,
        max(conversions.occurred_at) as last_converted_at
    from lead_scores
    left join conversions
        on
            lead_scores.model_id = conversions.model_id
            and lead_scores.contact_id = conversions.contact_id
    group by lead_scores.model_id, lead_scores.contact_key, lead_scores.score

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
        leads.model_id,
        first_touches.channel,
        first_touches.campaign,
        leads.last_converted_at,
        min(min(first_touches.touched_at)) over (partition by leads.model_id, first_touches.channel, first_touches.campaign) as began_at,
        count(*) as leads,
        sum(leads.score) as score_sum,
        sum(case when leads.last_converted_at > first_touches.touched_at then 1 else 0 end) as converted_after_touch
    from first_touches
    inner join leads on first_touches.contact_key = leads.contact_key
    group by leads.model_id, first_touches.channel, first_touches.campaign, leads.last_converted_at

),

-- Since the campaign's first touch, so that untouched leads are evaluated over the same period.
campaigns as (

    select
        model_id,
        channel,
        campaign,
        began_at,
        sum(leads) as leads_touched,
        sum(score_sum) as score_sum,
        sum(converted_after_touch) as converted_after_touch,
        sum(case when last_converted_at > began_at then leads else 0 end) as converted_since
    from touched
    group by model_id, channel, campaign, began_at

),

leads_by_conversion as (

    select
        model_id,
        last_converted_at,
        count(*) as leads
    from leads
    group by model_id, last_converted_at

),

final as (

    select
        campaigns.model_id,
        campaigns.channel,
        campaigns.campaign,
        campaigns.leads_touched,
        campaigns.score_sum,
        campaigns.converted_after_touch,
        sum(all_leads.leads) - campaigns.leads_touched as leads_untouched,
        sum(case when all_leads.last_converted_at > campaigns.began_at then all_leads.leads else 0 end)
        - campaigns.converted_since as untouched_converted
    from campaigns
    inner join leads_by_conversion as all_leads on campaigns.model_id = all_leads.model_id
    group by
        campaigns.model_id, campaigns.channel, campaigns.campaign,
        campaigns.leads_touched, campaigns.score_sum, campaigns.converted_after_touch, campaigns.converted_since

)

select * from final
