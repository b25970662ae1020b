{#-
    Tables and views by one `create or replace`. dbt's own way, for databases that lack that, makes each under another name, renames the one before,
    renames the new one and drops the old: a quarter of dbt's time on a build of many small tables.
    In a project that installs this one, dbt takes its own unless told otherwise; the tables are the same.
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
            {{ get_select_subquery(compiled_code) }}
        {%- else %}
        as
        {{ compiled_code }}
        {%- endif -%}
    {%- endcall -%}
    {%- do persist_docs(target, model) -%}
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
