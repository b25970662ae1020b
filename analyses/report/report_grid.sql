-- Leads by band of fit and band of engagement. The best bands are the first.

with

leads as (

    select * from {{ ref('lead_scores') }}
    where
        model_status = 'active'
        and status = 'scored'
        and (demographic_band is not null or behavioural_band is not null)

),

cells as (

    select
        model_id,
        coalesce(demographic_band, 'no band') as fit,
        coalesce(behavioural_band, 'no band') as engagement,
        min(grade) as grade,
        count(*) as leads,
        min(demographic_score) as lowest_fit,
        min(behavioural_score) as lowest_engagement

    from leads

    group by
        model_id,
        demographic_band,
        behavioural_band

),

final as (

    select
        model_id,
        fit,
        engagement,
        grade,
        leads,
        min(lowest_fit) over (partition by model_id, fit) as lowest_fit,
        min(lowest_engagement) over (partition by model_id, engagement) as lowest_engagement

    from cells

)

select * from final
order by
    model_id asc,
    lowest_fit desc,
    fit asc,
    lowest_engagement desc
