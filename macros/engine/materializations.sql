{#-
    Tables and views by one `create or replace`. dbt's default creates each under another name, renames the previous one,
    renames the new one and drops the old: a quarter of dbt's time in a build of many small tables.
    In an installing project dbt uses its default unless configured otherwise; the tables are equal.
-#}
{%- materialization table, adapter='duckdb', supported_languages=['sql'] -%}
    {%- set target = this.incorporate(type='table') -%}
    {{ drop_unless_it_is_a(target) }}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- call statement('main') -%}
        create or replace table {{ target }}
        {%- if config.get('contract').enforced -%}
            {{ get_assert_columns_equivalent(compiled_code) }}
            {{ get_table_columns_and_constraints() }};
            insert into {{ target }} {{ get_column_names() }}
            {{ get_select_subquery(compiled_code) }};
            {{ comments(target) }}
        {%- else %}
        as
        {{ compiled_code }}
        {%- endif -%}
    {%- endcall -%}
    {%- if not config.get('contract').enforced -%}
        {%- do default__persist_docs(target, model, true, true) -%}
    {%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{%- endmaterialization -%}

{%- materialization view, adapter='duckdb' -%}
    {%- set target = this.incorporate(type='view') -%}
    {{ drop_unless_it_is_a(target) }}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- call statement('main') -%}
        {%- if config.get('contract').enforced -%}
            {{ get_assert_columns_equivalent(compiled_code) }}
        {%- endif %}
        create or replace view {{ target }} as
        {{ compiled_code }}
    {%- endcall -%}
    {%- do persist_docs(target, model) -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{%- endmaterialization -%}

{#- A view cannot replace a table, nor a table a view. -#}
{%- macro drop_unless_it_is_a(target) -%}
    {%- set existing = load_cached_relation(target) -%}
    {%- if existing is not none and existing.type != target.type -%}
        {%- do adapter.drop_relation(existing) -%}
    {%- endif -%}
{%- endmacro -%}

{#- Comments on a table and its columns, which its contract names. dbt's default asks the database for them, twice, and comments in two queries. -#}
{%- macro comments(relation) -%}
{%- if config.persist_relation_docs() and model.description %}
comment on table {{ relation }} is {{ duckdb_escape_comment(model.description) }};
{%- endif %}
{%- if config.persist_column_docs() %}
{%- for column in model.columns.values() %}
comment on column {{ relation }}.{{ adapter.quote(column.name) }} is {{ duckdb_escape_comment(column.description) }};
{%- endfor %}
{%- endif %}
{%- endmacro -%}

{#- Of a table whose parts are replaced. -#}
{%- macro duckdb__persist_docs(relation, model, for_relation, for_columns) -%}
{%- if not config.get('contract').enforced -%}
    {%- do default__persist_docs(relation, model, for_relation, for_columns) -%}
{%- elif comments(relation) | trim -%}
    {%- do run_query(comments(relation)) -%}
{%- endif -%}
{%- endmacro -%}

{#- Checks that a query has the columns of the contract. dbt's default, which asks the database for the contract's types too, runs if they differ in any word. -#}
{%- macro duckdb__get_assert_columns_equivalent(sql) -%}
{%- set found, stated = {}, {} -%}
{%- for column in adapter.get_column_schema_from_query(sql) -%}
    {%- do found.update({column.name: column.dtype | lower | replace(' ', '')}) -%}
{%- endfor -%}
{%- for column in model.columns.values() -%}
    {%- do stated.update({column.name: column.data_type | lower | replace(' ', '')}) -%}
{%- endfor -%}
{%- if found != stated -%}
    {{ return(assert_columns_equivalent(sql)) }}
{%- endif -%}
{%- endmacro -%}
