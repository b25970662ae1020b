{#- dbt-duckdb's macro does not escape the path: seeds would fail in a folder such as o'brien. -#}
{%- macro duckdb__load_csv_rows(model, agate_table) -%}
{%- set sql -%}
copy {{ this.render() }} from '{{ adapter.get_seed_file_path(model) | replace("'", "''") }}' (format csv, header true, delimiter ',')
{%- endset -%}
{%- do adapter.add_query(sql, abridge_sql_log=True) -%}
{{ return(sql) }}
{%- endmacro -%}
