with

leads as (

    select * from {{ ref('int_lead_conversions') }}

),

touches as (

    select * from {{ ref('int_campaign_touches') }}

),

first_touches as (

    select
        contact_id,
        channel,
        campaign,
        min(occurred_at) as touched_at

    from touches

    group by contact_id, channel, campaign

),

touched_leads as (

    select
        leads.model_id,
        leads.score,
        leads.last_converted_at,
        first_touches.channel,
        first_touches.campaign,
        first_touches.touched_at,
        min(first_touches.touched_at) over (
            partition by leads.model_id, first_touches.channel, first_touches.campaign
        ) as began_at

    from first_touches

    inner join leads on first_touches.contact_id = leads.contact_id

),

-- Since the campaign began, so that those whom it did not touch are judged by the same time.
touched as (

    select
        model_id,
        channel,
        campaign,
        began_at,
        count(*) as leads_touched,
        sum(score) as score_sum,
        sum(case when last_converted_at > touched_at then 1 else 0 end) as converted_after_touch,
        sum(case when last_converted_at > began_at then 1 else 0 end) as converted_since

    from touched_leads

    group by model_id, channel, campaign, began_at

),

final as (

    select
        touched.model_id,
        touched.channel,
        touched.campaign,
        touched.leads_touched,
        touched.score_sum,
        touched.converted_after_touch,
        count(*) - touched.leads_touched as leads_untouched,
        sum(case when leads.last_converted_at > touched.began_at then 1 else 0 end) - touched.converted_since as untouched_converted

    from touched

    inner join leads on touched.model_id = leads.model_id

    group by
        touched.model_id,
        touched.channel,
        touched.campaign,
        touched.leads_touched,
        touched.score_sum,
        touched.converted_after_touch,
        touched.converted_since

)

select * from final
