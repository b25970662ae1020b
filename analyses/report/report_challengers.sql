-- Each challenger against its active model, on the same past leads, by the main goal of the active model.

with

pairs as (

    select
        champion_id,
        challenger_id,
        sum(leads) as leads,
        sum(case when champion_band is distinct from challenger_band then leads else 0 end) as moved

    from {{ ref('band_migration') }}

    group by
        champion_id,
        challenger_id

),

final as (

    select
        pairs.champion_id as model_id,
        pairs.challenger_id,
        pairs.leads,
        pairs.moved,
        performance.conversions,
        performance.champion_roc_auc,
        performance.challenger_roc_auc,
        performance.champion_conversions_in_top_10_percent,
        performance.challenger_conversions_in_top_10_percent

    from pairs

    left join {{ ref('outcome_findings') }} as goals
        on
            pairs.champion_id = goals.model_id
            and goals.is_main_goal

    left join {{ ref('challenger_performance') }} as performance
        on
            pairs.champion_id = performance.champion_id
            and pairs.challenger_id = performance.challenger_id
            and goals.goal_id is not distinct from performance.goal_id

)

select * from final
order by
    model_id,
    challenger_id
