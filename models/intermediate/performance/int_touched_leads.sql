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

final as (

    select
        leads.model_id,
        first_touches.channel,
        first_touches.campaign,
        leads.last_converted_at,
        min(first_touches.touched_at) as touched_at,
        count(*) as leads,
        sum(leads.score) as score_sum,
        sum(case when leads.last_converted_at > first_touches.touched_at then 1 else 0 end) as converted_after_touch

    from first_touches

    inner join leads on first_touches.contact_id = leads.contact_id

    group by leads.model_id, first_touches.channel, first_touches.campaign, leads.last_converted_at

)

select * from final
