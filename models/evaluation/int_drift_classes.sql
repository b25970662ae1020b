with

score_classes as (

    select * from {{ ref('int_drift_score_classes') }}

),

periods as (

    select distinct model_id, period, period_leads -- noqa: LT09
    from {{ ref('int_drift_leads') }}

),

rule_history as (

    select * from {{ ref('int_rule_history') }}

),

evaluated_dates as (

    select distinct model_id, as_of_date, period -- noqa: LT09
    from {{ ref('int_evaluated_dates') }}
    where is_recent

),

ranking as (

    select ranking.*, goals.goal_id -- noqa: LT09
    from {{ ref('int_score_ranking') }} as ranking
    inner join {{ ref('int_conversion_goals') }} as goals on ranking.goal_key = goals.goal_key
    where ranking.period <> 'all' and ranking.segment is null and ranking.challenger_id is null

),

held as (

    select
        rule_history.model_id,
        rule_history.rule_id,
        evaluated_dates.period,
        count(*) as leads
    from rule_history
    inner join evaluated_dates on rule_history.as_of_date = evaluated_dates.as_of_date and rule_history.model_id = evaluated_dates.model_id
    group by rule_history.model_id, rule_history.rule_id, evaluated_dates.period

),

-- Leads that meet the condition, and all others; a rule that matched nobody in a month counts as 0.
of_whom as (

    select
        periods.model_id,
        periods.period,
        'rule' as topic,
        held.rule_id as name,
        {{ as_text('null') }} as goal_id,
        sum(case when held.period = periods.period then held.leads else 0 end) as leads,
        periods.period_leads - sum(case when held.period = periods.period then held.leads else 0 end) as other_leads
    from periods
    inner join held on periods.model_id = held.model_id
    group by periods.model_id, periods.period, periods.period_leads, held.rule_id

    union all

    select
        model_id,
        period,
        'outcome' as topic,
        {{ as_text('null') }} as name,
        goal_id,
        conversions as leads,
        leads - conversions as other_leads
    from ranking

),

parts as (

    select 'true' as part
    union all
    select 'not true' as part

),

final as (

    select
        model_id,
        period,
        counted_period,
        'score' as topic,
        {{ as_text('null') }} as name,
        {{ as_text('null') }} as goal_id,
        part,
        leads
    from score_classes

    union all

    select
        of_whom.model_id,
        {{ as_text('null') }} as period,
        of_whom.period as counted_period,
        of_whom.topic,
        of_whom.name,
        of_whom.goal_id,
        parts.part,
        case when parts.part = 'true' then of_whom.leads else of_whom.other_leads end as leads
    from of_whom
    cross join parts

)

select * from final
