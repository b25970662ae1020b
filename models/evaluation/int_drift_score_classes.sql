with

drift_leads as (

    select * from {{ ref('int_drift_leads') }}

),

levels as (

    select
        model_id,
        period,
        previous_period,
        score,
        sum(leads) as leads
    from drift_leads
    group by model_id, period, previous_period, score

),

placed as (

    select
        *,
        {{ whole_divided('10 * (2 * sum(leads) over up_to_here - leads)', '2 * sum(leads) over of_all') }} as tenth

    from levels

    window
        of_all as (partition by model_id, period),
        up_to_here as (partition by model_id, period order by score)

),

-- Deciles of a month, used to count the next month. Leads with equal scores stay together.
tenths as (

    select
        model_id,
        period,
        tenth,
        min(score) as from_score,
        lead(min(score)) over from_the_lowest as below_score,
        row_number() over from_the_lowest = 1 as is_lowest

    from placed

    group by model_id, period, tenth

    window from_the_lowest as (partition by model_id, period order by tenth)

),

-- Each month with itself and with the month before, whose deciles count both.
periods as (

    select distinct
        model_id,
        period,
        previous_period,
        period as counted_period
    from drift_leads
    where previous_period is not null

    union all

    select distinct
        model_id,
        period,
        previous_period,
        previous_period as counted_period
    from drift_leads
    where previous_period is not null

),

final as (

    select
        periods.model_id,
        periods.period,
        periods.counted_period,
        {{ as_text('tenths.tenth') }} as part,
        sum(levels.leads) as leads

    from periods

    inner join levels
        on
            periods.model_id = levels.model_id
            and periods.counted_period = levels.period

    inner join tenths
        on
            periods.model_id = tenths.model_id
            and periods.previous_period = tenths.period
            and (levels.score >= tenths.from_score or tenths.is_lowest)
            and (levels.score < tenths.below_score or tenths.below_score is null)

    group by periods.model_id, periods.period, periods.counted_period, tenths.tenth

)

select * from final
