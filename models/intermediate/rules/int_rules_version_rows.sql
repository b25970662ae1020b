{{
    config(
        materialized='incremental',
        incremental_strategy='parts',
        part=['rules_version'],
        keep='int_history_models',
        keep_where='not is_in_run',
        on_schema_change='fail'
    )
}}

with

cells as (

    select * from {{ ref('stg_rule_cells') }}
    where
        cell is not null
        and file <> 'conversion_goals'

),

rules_versions as (

    select * from {{ ref('int_rules_versions') }}

),

told_cells as (

    select
        *,
        case when column_name not in ('model_id', 'rule_id') then column_name || ' = ' || cell end as told

    from cells

),

rule_rows as (

    select
        file,
        seed_row,
        max(case when column_name = 'model_id' then cell end) as model_id,
        max(case when column_name = 'rule_id' then cell end) as rule_id,
        {{ joined('told', "', '", 'column_name') }} as rule_row

    from told_cells

    group by file, seed_row

),

final as (

    select
        rules_versions.rules_version,
        rules_versions.model_id,
        rule_rows.file,
        rule_rows.rule_id,
        rule_rows.rule_row

    from rule_rows

    inner join rules_versions on rule_rows.model_id = rules_versions.model_id

)

select * from final
