{{
    config(
        materialized='incremental',
        incremental_strategy='parts',
        part=['as_of_date', 'model_id', 'rules_version'],
        keep='int_evaluated_dates',
        keep_where='not is_in_run',
        person='contact_id',
        on_schema_change='fail'
    )
}}

with

rule_points as (

    select * from {{ ref('int_rule_points') }}

),

rules as (

    select * from {{ ref('int_rules') }}

),

leads as (

    select * from {{ ref('int_leads') }}
    where contact_id not in (select erased_contact_id from {{ ref('stg_erasures') }} where erased_contact_id is not null)

),

evaluated_dates as (

    select * from {{ ref('int_evaluated_dates') }}

),

final as (

    select
        rule_points.as_of_date,
        rule_points.model_id,
        leads.contact_id,
        rules.rule_id,
        rule_points.points,
        evaluated_dates.rules_version

    from rule_points

    inner join evaluated_dates
        on
            rule_points.as_of_date = evaluated_dates.as_of_date
            and rule_points.model_id = evaluated_dates.model_id

    inner join rules on rule_points.rule_key = rules.rule_key

    inner join leads
        on
            rule_points.as_of_date = leads.as_of_date
            and rule_points.model_id = leads.model_id
            and rule_points.contact_key = leads.contact_key

)

select * from final
