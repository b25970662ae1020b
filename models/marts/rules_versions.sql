{{
    config(
        materialized='incremental',
        incremental_strategy='parts',
        meta={'part': ['rules_version'], 'keep': 'int_history_models', 'keep_where': 'false'},
        on_schema_change='fail'
    )
}}

-- No part is kept: last_used_on changes with every date.

with

cells as (

    select * from {{ ref('stg_rule_cells') }}
    where
        cell is not null
        and file not in ('conversion_goals', 'account_models')

),

rules_versions as (

    select versions.rules_version, model_rules.* -- noqa: LT09
    from {{ ref('int_rules_versions') }} as versions
    inner join {{ ref('int_model_rules') }} as model_rules on versions.model_id = model_rules.model_id

),

history_models as (

    select * from {{ ref('int_history_models') }}

),

seed_rows as (

    select
        file,
        seed_row,
        max(case when file <> 'rule_conditions' and column_name in ('rule_id', 'filter_id') then cell end) as rule_id,
        {{ joined(
            "case when file = 'rule_conditions' or column_name not in ('model_id', 'rule_id', 'filter_id') then column_name || ' = ' || cell end",
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

    inner join rules_versions on seed_rows.file = rules_versions.file and seed_rows.seed_row = rules_versions.seed_row

    {% if is_incremental() -%}
    union all

    -- Rows of earlier rules stay as long as the history has their version.
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
