with

leads as (

    select * from {{ ref('int_lead_conversions') }}

),

touches as (

    select * from {{ ref('int_campaign_touches') }}

),

converted_leads as (

    select * from leads
    where last_converted_at is not null

),

leads_of_model as (

    select
        model_id,
        count(*) as leads

    from leads

    group by model_id

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

touched as (

    select
        leads.model_id,
        first_touches.channel,
        first_touches.campaign,
        min(first_touches.touched_at) as began_at,
        count(*) as leads_touched,
        sum(leads.score) as score_sum,
        sum(case when leads.last_converted_at > first_touches.touched_at then 1 else 0 end) as converted_after_touch

    from first_touches

    inner join leads on first_touches.contact_id = leads.contact_id

    group by leads.model_id, first_touches.channel, first_touches.campaign

),

-- Since the campaign began, so that those whom it did not touch are judged by the same time.
converted_since as (

    select
        touched.model_id,
        touched.channel,
        touched.campaign,
        count(*) as converted,
        count(first_touches.contact_id) as touched_converted

    from touched

    inner join converted_leads
        on
            touched.model_id = converted_leads.model_id
            and converted_leads.last_converted_at > touched.began_at

    left join first_touches
        on
            converted_leads.contact_id = first_touches.contact_id
            and touched.channel = first_touches.channel
            and touched.campaign = first_touches.campaign

    group by touched.model_id, touched.channel, touched.campaign

),

final as (

    select
        touched.model_id,
        touched.channel,
        touched.campaign,
        touched.leads_touched,
        touched.score_sum,
        touched.converted_after_touch,
        leads_of_model.leads - touched.leads_touched as leads_untouched,
        coalesce(converted_since.converted - converted_since.touched_converted, 0) as untouched_converted

    from touched

    inner join leads_of_model on touched.model_id = leads_of_model.model_id

    left join converted_since
        on
            touched.model_id = converted_since.model_id
            and touched.channel = converted_since.channel
            and touched.campaign = converted_since.campaign

)

select * from final
