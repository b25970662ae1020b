-- Evaluation result of each model and goal, in one line.

with

goals as (

    select * from {{ ref('int_conversion_goals') }}

),

topics as (

    select * from {{ ref('finding_topics') }}

),

performance as (

    select * from {{ ref('score_performance') }}
    where period = 'all' and segment is null

),

outcomes as (

    select
        goals.goal_key,
        count(outcomes.outcome) as outcomes
    from goals
    left join {{ ref('int_outcomes') }} as outcomes on goals.outcome = outcomes.outcome and not outcomes.is_inherited -- noqa: LT09

    group by goals.goal_key

),

dates as (

    select
        goal_key,
        count(*) as dates
    from {{ ref('int_evaluated_dates') }}
    where is_complete and is_recent
    group by goal_key

),

stated as (

    select distinct model_id, goal_id from {{ ref('score_calibration') }} -- noqa: LT09

),

evaluated as (

    select
        goals.model_id,
        goals.goal_id,
        goals.is_main as is_main_goal,
        goals.model_id || coalesce(goals.subject_suffix, '') as subject,
        goals.outcome,
        {{ as_text('goals.within_days') }} as within_days,
        performance.leads,
        performance.conversions,
        performance.lead_dates,
        performance.converted_lead_dates,
        performance.roc_auc,
        performance.lift_top_10_percent,
        coalesce(dates.dates, 0) as dates,
        case
            when outcomes.outcomes = 0 then 'outcome is unknown'
            when dates.dates is null then 'dates are too young'
            when coalesce(performance.conversions, 0) = 0 then 'none converted'
            when performance.converted_lead_dates = performance.lead_dates then 'all converted'
            when stated.model_id is null then 'evaluated without probabilities'
            else 'evaluated'
        end as topic

    from goals

    inner join outcomes on goals.goal_key = outcomes.goal_key

    left join performance on goals.model_id = performance.model_id and goals.goal_id is not distinct from performance.goal_id

    left join dates on goals.goal_key = dates.goal_key

    left join stated on goals.model_id = stated.model_id and goals.goal_id is not distinct from stated.goal_id

),

final as (

    select
        topics.place_told,
        evaluated.topic,
        evaluated.subject,
        evaluated.model_id,
        evaluated.goal_id,
        evaluated.is_main_goal,
        {{ worded('topics.wording', {
            'days': 'evaluated.within_days',
            'leads': count_text('coalesce(evaluated.leads, 0)'),
            'dates': count_text('evaluated.dates'),
            'conversions': count_text('coalesce(evaluated.conversions, 0)'),
            'lead_dates': count_text('coalesce(evaluated.lead_dates, 0)'),
            'converted_lead_dates': count_text('coalesce(evaluated.converted_lead_dates, 0)'),
            'roc_auc': as_text(as_rounded('coalesce(evaluated.roc_auc, 0)', 3)),
            'lift': as_text(as_rounded('coalesce(evaluated.lift_top_10_percent, 0)', 1)),
            'outcome': 'evaluated.outcome',
            'subject': 'evaluated.subject'
        }) }} as finding

    from evaluated

    inner join topics on evaluated.topic = topics.topic

)

select * from final
