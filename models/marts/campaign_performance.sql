with

leads as (

    select * from {{ ref('int_campaign_leads') }}

),

credits as (

    select * from {{ ref('int_campaign_credits') }}

),

final as (

    select
        leads.model_id,
        leads.channel,
        leads.campaign,
        {{ as_count('leads.leads_touched') }} as leads_touched,
        {{ as_count('leads.converted_after_touch') }} as leads_converted,
        {{ as_amount(divided('leads.converted_after_touch', 'leads.leads_touched')) }} as conversion_rate,
        {{ as_amount(divided('leads.untouched_converted', 'nullif(leads.leads_untouched, 0)')) }} as untouched_rate,
        {{ as_points('leads.score_sum / leads.leads_touched') }} as points_per_lead,
        {{ as_count('coalesce(credits.first_touch_conversions, 0)') }} as first_touch_conversions,
        {{ as_count('coalesce(credits.last_touch_conversions, 0)') }} as last_touch_conversions,
        {{ as_amount('coalesce(credits.linear_conversions, 0)') }} as linear_conversions,
        {{ as_amount('credits.linear_value') }} as linear_value

    from leads

    left join credits
        on
            leads.model_id = credits.model_id
            and leads.channel = credits.channel
            and leads.campaign = credits.campaign

)

select * from final
