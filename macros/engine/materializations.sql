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
