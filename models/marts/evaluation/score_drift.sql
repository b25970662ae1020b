with

periods as (

    select distinct
        model_id,
        period,
        previous_period
    from {{ ref('int_drift_leads') }}
    where previous_period is not null

),

-- Bands are the same in every month.
classes as (

    select * from {{ ref('int_drift_classes') }}

    union all

    select
        model_id,
        {{ as_text('null') }} as period,
        period as counted_period,
        'band' as topic,
        {{ as_text('null') }} as name,
        {{ as_text('null') }} as goal_id,
        band as part,
        leads
    from {{ ref('int_drift_leads') }}

),

counted as (

    select
        periods.model_id,
        periods.period,
        periods.previous_period,
        classes.topic,
        classes.name,
        classes.goal_id,
        classes.part,
        sum(case when classes.counted_period = periods.period then classes.leads else 0 end) as leads,
        sum(case when classes.counted_period = periods.previous_period then classes.leads else 0 end) as previous_leads
    from periods

    inner join classes
        on
            periods.model_id = classes.model_id
            and classes.counted_period in (periods.period, periods.previous_period)
            and coalesce(classes.period, periods.period) = periods.period
    group by periods.model_id, periods.period, periods.previous_period, classes.topic, classes.name, classes.goal_id, classes.part

),

totals as (

    select
        *,
        sum(leads) over (partition by model_id, period, topic, name, goal_id) as all_leads,
        sum(previous_leads) over (partition by model_id, period, topic, name, goal_id) as all_previous_leads
    from counted

),

-- An empty class counts as 0.0001, to keep the logarithm finite.
shares as (

    select
        *,
        greatest({{ fraction('leads', 'all_leads') }}, 0.0001) as present_share,
        greatest({{ fraction('previous_leads', 'all_previous_leads') }}, 0.0001) as previous_share
    from totals
    where all_leads > 0 and all_previous_leads > 0

),

-- The population stability index: the sum, over the classes, of (share - previous share) * ln(share / previous share).
indexed as (

    select
        model_id,
        period,
        previous_period,
        topic,
        name,
        goal_id,
        all_leads as leads,
        all_previous_leads as previous_leads,
        {{ as_amount(
            'sum(' ~ as_rounded('present_share - previous_share', 9) ~ ' * ' ~ log_of(quotient('present_share', 'previous_share')) ~ ')'
        ) }} as stability_index
    from shares
    group by model_id, period, previous_period, topic, name, goal_id, all_leads, all_previous_leads

),

final as (

    select
        model_id,
        period,
        previous_period,
        topic,
        name,
        goal_id,
        {{ as_count('leads') }} as leads,
        {{ as_count('previous_leads') }} as previous_leads,
        stability_index,
        case
            when stability_index < 0.1 then 'stable'
            when stability_index < 0.25 then 'moving'
            else 'shifted'
        end as verdict
    from indexed

)

select * from final
