-- The twelve campaigns of each model with the most attributed conversions to its main goal.

with

campaigns as (

    select
        touched.model_id,
        touched.channel,
        touched.campaign,
        touched.leads_touched,
        touched.conversion_rate,
        touched.untouched_rate,
        touched.linear_conversions,
        row_number() over (
            partition by touched.model_id
            order by touched.linear_conversions desc, touched.leads_touched desc, touched.channel asc, touched.campaign asc
        ) as place

    from {{ ref('campaign_performance') }} as touched

    inner join {{ ref('outcome_findings') }} as goals
        on
            touched.model_id = goals.model_id
            and touched.goal_id is not distinct from goals.goal_id

    where goals.is_main_goal

),

final as (

    select * from campaigns
    where place <= 12

)

select * from final
order by
    model_id,
    place
