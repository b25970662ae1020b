with

score_classes as (

    select * from {{ ref('int_drift_score_classes') }}

),

scores as (

    select * from {{ ref('int_drift_scores') }}

),

rule_history as (

    select * from {{ ref('int_rule_history') }}

),

evaluated_dates as (

    select * from {{ ref('int_evaluated_dates') }}
    where is_recent

),

ranking as (

    select * from {{ ref('int_score_ranking') }}
    where
        period <> 'all'
        and segment is null
        and challenger_id is null

),

held as (

    select
        rule_history.model_id,
        rule_history.rule_id,
        evaluated_dates.period,
        count(*) as leads
    from rule_history
    inner join evaluated_dates
        on
            rule_history.as_of_date = evaluated_dates.as_of_date
            and rule_history.model_id = evaluated_dates.model_id
    group by rule_history.model_id, rule_history.rule_id, evaluated_dates.period

),

-- Leads of whom something is true, and all others; a rule that held for nobody in a month counts there.
divided as (

    select
        periods.model_id,
        periods.period,
        'rule' as topic,
        rules.rule_id as name,
        coalesce(held.leads, 0) as leads,
        periods.period_leads - coalesce(held.leads, 0) as others
    from (select distinct model_id, period, period_leads from scores) as periods
    inner join (select distinct model_id, rule_id from held) as rules on periods.model_id = rules.model_id
    left join held
        on
            rules.rule_id = held.rule_id
            and periods.period = held.period

    union all

    select
        model_id,
        period,
        'outcome' as topic,
        {{ as_text('null') }} as name,
        conversions as leads,
        leads - conversions as others
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
        topic,
        {{ as_text('null') }} as name,
        part,
        leads
    from score_classes

    union all

    select
        divided.model_id,
        {{ as_text('null') }} as period,
        divided.period as counted_period,
        divided.topic,
        divided.name,
        parts.part,
        case when parts.part = 'true' then divided.leads else divided.others end as leads
    from divided
    cross join parts

)

select * from final
