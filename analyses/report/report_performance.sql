-- How well scores predicted conversions: all dates first, then the last twelve months.

with

performance as (

    select * from {{ ref('score_performance') }}
    where segment is null

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
