with

score_classes as (

    select * from {{ ref('int_drift_score_classes') }}

),

periods as (

    select distinct
        model_id,
        period,
        period_leads
    from {{ ref('int_drift_scores') }}

),

held as (

    select * from {{ ref('int_drift_rules') }}

),

leads as (

    select * from {{ ref('int_lead_history') }}
    where status = 'scored'

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

-- Leads of whom something is true, and all others; a rule that held for nobody in a month counts there.
of_whom as (

    select
        periods.model_id,
        periods.period,
        'rule' as topic,
        held.rule_id as name,
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
        part,
        leads
    from score_classes

    union all

    select
        evaluated_dates.model_id,
        {{ as_text('null') }} as period,
        evaluated_dates.period as counted_period,
        'band' as topic,
        {{ as_text('null') }} as name,
        coalesce(leads.band, 'none') as part,
        count(*) as leads
    from leads
    inner join evaluated_dates on leads.as_of_date = evaluated_dates.as_of_date and leads.model_id = evaluated_dates.model_id
    group by evaluated_dates.model_id, evaluated_dates.period, leads.band

    union all

    select
        of_whom.model_id,
        {{ as_text('null') }} as period,
        of_whom.period as counted_period,
        of_whom.topic,
        of_whom.name,
        parts.part,
        case when parts.part = 'true' then of_whom.leads else of_whom.other_leads end as leads
    from of_whom
    cross join parts

)

select * from final
