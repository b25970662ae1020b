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

touched as (

    select
        model_id,
        channel,
        campaign,
        min(touched_at) as began_at,
        sum(leads) as leads_touched,
        sum(score_sum) as score_sum,
        sum(converted_after_touch) as converted_after_touch

    from touched_leads

    group by model_id, channel, campaign

),

-- Since the campaign began, so that those whom it did not touch are judged by the same time.
touched_and_converted as (

    select
        touched.model_id,
        touched.channel,
        touched.campaign,
        sum(case when touched_leads.last_converted_at > touched.began_at then touched_leads.leads else 0 end) as leads

    from touched

    inner join touched_leads
        on
            touched.model_id = touched_leads.model_id
            and touched.channel = touched_leads.channel
            and touched.campaign = touched_leads.campaign

    group by touched.model_id, touched.channel, touched.campaign

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
        coalesce(converted.leads, 0) - touched_and_converted.leads as untouched_converted

    from touched

    inner join leads_of_model on touched.model_id = leads_of_model.model_id

    inner join touched_and_converted
        on
            touched.model_id = touched_and_converted.model_id
            and touched.channel = touched_and_converted.channel
            and touched.campaign = touched_and_converted.campaign

    left join converted
        on
            touched.model_id = converted.model_id
            and touched.channel = converted.channel
            and touched.campaign = converted.campaign

)

select * from final
