with

score_bins as (

    select * from {{ ref('int_drift_score_bins') }}

),

scores as (

    select * from {{ ref('int_drift_scores') }}

),

rules as (

    select * from {{ ref('int_drift_rules') }}

),

ranking as (

    select * from {{ ref('int_score_ranking') }}
    where
        period <> 'all'
        and segment is null

),

by_month as (

    select
        model_id,
        period as counted_period,
        'band' as topic,
        {{ as_text('null') }} as name,
        band as part,
        leads
    from scores

    union all

    select
        model_id,
        period as counted_period,
        'rule' as topic,
        rule_id as name,
        'held' as part,
        held as leads
    from rules

    union all

    select
        model_id,
        period as counted_period,
        'rule' as topic,
        rule_id as name,
        'did not hold' as part,
        did_not_hold as leads
    from rules

    union all

    select
        model_id,
        period as counted_period,
        'outcome' as topic,
        {{ as_text('null') }} as name,
        'converted' as part,
        conversions as leads
    from ranking

    union all

    select
        model_id,
        period as counted_period,
        'outcome' as topic,
        {{ as_text('null') }} as name,
        'not converted' as part,
        leads - conversions as leads
    from ranking

),

-- The tenths of the score are those of the month before; all other classes are the same in every month.
final as (

    select
        model_id,
        period,
        counted_period,
        'score' as topic,
        {{ as_text('null') }} as name,
        part,
        leads
    from score_bins

    union all

    select
        model_id,
        {{ as_text('null') }} as period,
        counted_period,
        topic,
        name,
        part,
        sum(leads) as leads
    from by_month
    group by model_id, counted_period, topic, name, part

)

select * from final
