{{
    config(
        materialized='incremental',
        incremental_strategy='parts',
        meta={
            'part': ['as_of_date', 'model_id', 'rules_version'], 'keep': 'int_history_models',
            'keep_where': 'is_last_of_week and not is_in_run', 'person': 'contact_id'
        },
        on_schema_change='fail'
    )
}}

-- What other rules gave stays for as long as the history holds the date by them: they may come back.

with

history_models as (

    select * from {{ ref('int_history_models') }}
    where
        is_last_of_week
        and is_in_run

),

rule_points as (

    select * from {{ ref('int_rule_points') }}

),

rules as (

    select * from {{ ref('int_rules') }}

),

leads as (

    select * from {{ ref('int_leads') }}

),

erasures as (

    select * from {{ ref('stg_erasures') }}
    where erased_contact_id is not null

),

final as (

    select
        rule_points.as_of_date,
        rule_points.model_id,
        leads.contact_id,
        rules.rule_id,
        rule_points.points,
        history_models.rules_version

    from rule_points

    inner join history_models
        on
            rule_points.as_of_date = history_models.as_of_date
            and rule_points.model_id = history_models.model_id

    inner join rules on rule_points.rule_key = rules.rule_key

    inner join leads
        on
            rule_points.as_of_date = leads.as_of_date
            and rule_points.model_id = leads.model_id
            and rule_points.contact_key = leads.contact_key

    where leads.contact_id not in (select erasures.erased_contact_id from erasures)

)

select * from final
