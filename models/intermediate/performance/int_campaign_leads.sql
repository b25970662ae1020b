with

leads as (

    select * from {{ ref('int_lead_conversions') }}

),

converted_leads as (

    select * from {{ ref('int_lead_conversions') }}
    where last_converted_at is not null

),

touched_leads as (

    select * from {{ ref('int_touched_leads') }}

),

dated as (

    select
        *,
        min(touched_at) over (partition by model_id, channel, campaign) as began_at

    from touched_leads

),

-- Since the campaign began, so that those whom it did not touch are judged by the same time.
touched as (

    select
        model_id,
        channel,
        campaign,
        began_at,
        sum(leads) as leads_touched,
        sum(score_sum) as score_sum,
        sum(converted_after_touch) as converted_after_touch,
        sum(case when last_converted_at > began_at then leads else 0 end) as converted_since

    from dated

    group by model_id, channel, campaign, began_at

),

converted as (

    select
        touched.model_id,
        touched.channel,
        touched.campaign,
        count(*) as leads

    from touched

    inner join converted_leads
        on
            touched.model_id = converted_leads.model_id
            and touched.began_at < converted_leads.last_converted_at

    group by touched.model_id, touched.channel, touched.campaign

),

leads_of_model as (

    select
        model_id,
        count(*) as leads

    from leads

    group by model_id

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
        coalesce(converted.leads, 0) - touched.converted_since as untouched_converted

    from touched

    inner join leads_of_model on touched.model_id = leads_of_model.model_id

    left join converted
        on
            touched.model_id = converted.model_id
            and touched.channel = converted.channel
            and touched.campaign = converted.campaign

)

select * from final
