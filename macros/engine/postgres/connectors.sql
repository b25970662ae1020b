{#- Connectors read exports in files, so they run on DuckDB. -#}
{%- macro no_connectors() -%}
{%- if execute -%}
    {{ exceptions.raise_compiler_error("On Postgres the raw tables must be tables of one schema: the variable connectors must be empty (docs/engines.md)") }}
{%- endif -%}
{%- endmacro -%}

{%- macro postgres__union_by_name(relations) -%}{{ no_connectors() }}{%- endmacro -%}
{%- macro postgres__with_attributes(relation, stated, is_deleted, prefix, left_out, prefixes_left_out) -%}{{ no_connectors() }}{%- endmacro -%}
{%- macro postgres__long_attributes(contacts, stated) -%}{{ no_connectors() }}{%- endmacro -%}
{%- macro postgres__parameter(parameters, key, kind) -%}{{ no_connectors() }}{%- endmacro -%}
{%- macro postgres__sorted_text(list) -%}{{ no_connectors() }}{%- endmacro -%}
{%- macro postgres__first_item(list, field) -%}{{ no_connectors() }}{%- endmacro -%}
{%- macro postgres__struct_field(column, field) -%}{{ no_connectors() }}{%- endmacro -%}
{%- macro postgres__list_items(list, separator) -%}{{ no_connectors() }}{%- endmacro -%}
{%- macro postgres__snake_case(text) -%}{{ no_connectors() }}{%- endmacro -%}
{%- macro postgres__read_local_timestamp(value, zone) -%}{{ no_connectors() }}{%- endmacro -%}
{%- macro postgres__local_day_end(value, zone, times_are_local) -%}{{ no_connectors() }}{%- endmacro -%}
{%- macro postgres__epoch_time(value, parts_of_second) -%}{{ no_connectors() }}{%- endmacro -%}
