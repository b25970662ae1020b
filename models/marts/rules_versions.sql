{{
    config(
        materialized='incremental',
        incremental_strategy='parts',
        meta={'part': ['rules_version'], 'keep': 'int_history_models', 'keep_where': 'false'},
        on_schema_change='fail'
    )
}}

-- No part stays as it is: when a version was used last changes with every date.

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

history_models as (

    select * from {{ ref('int_history_models') }}

),

seed_rows as (

    select
        file,
        seed_row,
        max(case when column_name = 'model_id' then cell end) as model_id,
        max(case when column_name = 'rule_id' then cell end) as rule_id,
        {{ joined(
            "case when column_name not in ('model_id', 'rule_id') then column_name || ' = ' || cell end",
            "', '",
            'column_name'
        ) }} as rule_row

    from cells

    group by file, seed_row

),

version_rows as (

    select
        rules_versions.rules_version,
        rules_versions.model_id,
        seed_rows.file,
        seed_rows.rule_id,
        seed_rows.rule_row

    from seed_rows

    inner join rules_versions on seed_rows.model_id = rules_versions.model_id

    {% if is_incremental() -%}
    union all

    -- Rules that changed since: their rows stay as long as the history names their version.
    select
        rules_version,
        model_id,
        file,
        rule_id,
        rule_row

    from {{ this }}

    where rules_version not in (select rules_versions.rules_version from rules_versions)
    {%- endif %}

),

uses as (

    select
        rules_version,
        min(as_of_date) as first_used_on,
        max(as_of_date) as last_used_on

    from history_models

    group by rules_version

),

final as (

    select
        version_rows.rules_version,
        version_rows.model_id,
        version_rows.file,
        version_rows.rule_id,
        version_rows.rule_row,
        uses.first_used_on,
        uses.last_used_on

    from version_rows

    inner join uses on version_rows.rules_version = uses.rules_version

)

select * from final
