-- How well scores predicted conversions to the model's main goal: all dates first, then the last twelve months.

with

performance as (

    select performance.*
    from {{ ref('score_performance') }} as performance

    inner join {{ ref('outcome_findings') }} as goals
        on
            performance.model_id = goals.model_id
            and performance.goal_id is not distinct from goals.goal_id

    where
        performance.segment is null
        and goals.is_main_goal

),

final as (

    select
        model_id,
        period,
        leads,
        conversions,
        conversion_rate,
        roc_auc,
        lift_top_1_percent,
        lift_top_5_percent,
        lift_top_10_percent,
        lift_top_20_percent,
        row_number() over (
            partition by model_id
            order by case when period = 'all' then 0 else 1 end asc, period desc
        ) as place

    from performance

)

select * from final
where place <= 13
order by
    model_id,
    place
