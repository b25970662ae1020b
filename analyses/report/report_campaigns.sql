-- The twelve campaigns of each model with the most attributed conversions.

with

campaigns as (

    select
        model_id,
        channel,
        campaign,
        leads_touched,
        conversion_rate,
        untouched_rate,
        linear_conversions,
        row_number() over (
            partition by model_id
            order by linear_conversions desc, leads_touched desc, channel asc, campaign asc
        ) as place

    from {{ ref('campaign_performance') }}

),

final as (

    select * from campaigns
    where place <= 12

)

select * from final
order by
    model_id,
    place
