with

scores as (

    select * from {{ ref('int_drift_scores') }}

),

periods as (

    select * from {{ ref('int_drift_periods') }}
    where previous_period is not null

),

levels as (

    select
        model_id,
        period,
        score,
        sum(leads) as leads

    from scores

    group by model_id, period, score

),

placed as (

    select
        *,
        {{ whole_divided(
            '10 * (2 * sum(leads) over (partition by model_id, period order by score rows between unbounded preceding and current row) - leads)',
            '2 * sum(leads) over (partition by model_id, period)'
        ) }} as tenth

    from levels

),

-- The tenths of a month, by which the next month is counted. Leads with one score are not torn apart.
tenths as (

    select
        model_id,
        period,
        tenth,
        min(score) as from_score

    from placed

    group by model_id, period, tenth

),

bounds as (

    select
        periods.model_id,
        periods.period,
        tenths.tenth,
        tenths.from_score,
        lead(tenths.from_score) over (
            partition by periods.model_id, periods.period
            order by tenths.tenth
        ) as below_score,
        lag(tenths.tenth) over (
            partition by periods.model_id, periods.period
            order by tenths.tenth
        ) is null as is_lowest

    from periods

    inner join tenths
        on
            periods.model_id = tenths.model_id
            and periods.previous_period = tenths.period

),

final as (

    select
        bounds.model_id,
        bounds.period,
        levels.period as counted_period,
        {{ as_text('bounds.tenth') }} as part,
        sum(levels.leads) as leads

    from bounds

    inner join periods
        on
            bounds.model_id = periods.model_id
            and bounds.period = periods.period

    inner join levels
        on
            bounds.model_id = levels.model_id
            and (periods.period = levels.period or periods.previous_period = levels.period)
            and (bounds.from_score <= levels.score or bounds.is_lowest)
            and (bounds.below_score > levels.score or bounds.below_score is null)

    group by bounds.model_id, bounds.period, levels.period, bounds.tenth

)

select * from final
