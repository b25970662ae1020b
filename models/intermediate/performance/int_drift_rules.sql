with

periods as (

    select * from {{ ref('int_drift_periods') }}

),

rule_history as (

    select * from {{ ref('int_rule_history') }}

),

evaluated_dates as (

    select * from {{ ref('int_evaluated_dates') }}

),

rules as (

    select distinct
        model_id,
        rule_id
    from rule_history

),

held as (

    select
        rule_history.rule_id,
        evaluated_dates.period,
        count(*) as leads

    from rule_history

    inner join evaluated_dates
        on
            rule_history.as_of_date = evaluated_dates.as_of_date
            and rule_history.model_id = evaluated_dates.model_id

    group by rule_history.rule_id, evaluated_dates.period

),

final as (

    select
        periods.model_id,
        periods.period,
        rules.rule_id,
        coalesce(held.leads, 0) as held,
        periods.leads - coalesce(held.leads, 0) as did_not_hold

    from periods

    inner join rules on periods.model_id = rules.model_id

    left join held
        on
            rules.rule_id = held.rule_id
            and periods.period = held.period

)

select * from final
