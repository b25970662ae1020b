{#- Delete and insert are one transaction. Null is a value of a part, hence rows as text. -#}
{%- macro postgres__replace_parts(target, made, columns) -%}
{%- set meta = config.require('meta') -%}
{%- set part, names = meta.part | join(', '), columns | map(attribute='quoted') | join(', ') -%}
delete from {{ target }}
where cast(row({{ part }}) as text) in (
    select cast(row({{ part }}) as text)
    from (
        select {{ part }} from {{ target }} where {{ meta.marker or 'true' }}
        except
        select {{ part }} from {{ ref(meta.keep) }} where {{ meta.keep_where or 'true' }}
    ) as outdated
);
{% if meta.person %}
delete from {{ target }}
where {{ meta.person }} in (select erased_contact_id from {{ ref('stg_erasures') }});
{% endif %}
insert into {{ target }} ({{ names }})
select {{ names }} from {{ made }};
analyze {{ target }}
{%- endmacro -%}

{%- macro postgres__create_if_missing(table, columns) -%}
create schema if not exists {{ adapter.quote(table.schema) }};
create table if not exists {{ table }} ({{ columns }});
{% endmacro -%}

{%- macro postgres__previous_columns() -%}
{%- set columns = {} -%}
{%- for table, names in duckdb__previous_columns().items() -%}{%- do columns.update({table: names | replace('ubigint', 'bigint')}) -%}{%- endfor -%}
{{ return(columns) }}
{%- endmacro -%}

{#- New tables have no statistics, and plans without them are slow. -#}
{%- macro postgres__create_table_as(temporary, relation, sql) -%}
{%- set contract = config.get('contract') -%}
{{ config.get('sql_header', none) or '' }}
create {{ 'temporary ' if temporary }}table {{ relation }}
{% if contract.enforced and not temporary -%}
    {{ get_assert_columns_equivalent(sql) }}
    {{ get_table_columns_and_constraints() }};
    insert into {{ relation }} ({{ adapter.dispatch('get_column_names', 'dbt')() }})
    {{ get_select_subquery(sql) }};
{%- else -%}
    as (
{{ sql }}
);
{%- endif %}
analyze {{ relation }};
{%- endmacro -%}

{#- scripts/build.py adds its runs to this table. -#}
{%- macro postgres__create_runs() -%}
{{ postgres__create_if_missing(source('runs', 'runs'), "run_id varchar, started_at timestamp, finished_at timestamp, seconds decimal(18, 1), outcome varchar, exit_code integer, message varchar, as_of_date date, dates_scored bigint, rules_versions varchar, rows_in bigint, rows_rejected bigint, leads bigint, changes bigint") }}
{%- endmacro -%}

{#- dbt compares the names of types: text is not varchar to it. The contract compares types, and the insert converts. -#}
{%- macro postgres__diff_column_data_types(source_columns, target_columns) -%}{{ return([]) }}{%- endmacro -%}
