{%- macro postgres__raw_table(name) -%}
{%- set table = source('raw', name) -%}
{%- if execute and not table.is_cte and adapter.get_relation(table.database, table.schema, table.identifier) is none -%}
    {{ return(no_rows_of(name)) }}
{%- endif -%}
{{ return(table) }}
{%- endmacro -%}

{#- Columns of a table or view; of a query, those that it names. -#}
{%- macro postgres__columns_of(relation) -%}
{%- if relation is string -%}
(values {% for name in modules.re.findall(' as (\\w+)[, ]', relation.split(' where ')[0] ~ ' ') %}('{{ name }}'){{ ', ' if not loop.last }}{% endfor %}) as named_columns (column_name)
{%- else -%}
(
    select cast(attname as text) as column_name from pg_attribute
    where attrelid = to_regclass('{{ relation }}') and attnum > 0 and not attisdropped
) as named_columns
{%- endif -%}
{%- endmacro -%}

{#- With the type names of DuckDB. -#}
{%- macro postgres__column_types_of(relation) -%}
(
    select
        cast(attname as text) as column_name,
        replace(replace(replace(
            format_type(atttypid, atttypmod), ' without time zone', ''), 'character varying', 'varchar'), 'numeric', 'decimal') as data_type
    from pg_attribute
    where attrelid = to_regclass('{{ relation }}') and attnum > 0 and not attisdropped
)
{%- endmacro -%}

{#- The same text as DuckDB's, because its order decides between versions of one time. jsonb would order the columns otherwise. -#}
{%- macro postgres__row_text(alias) -%}replace(cast(row_to_json({{ alias }}) as text), ':null', ':""'){%- endmacro -%}

{#- A row of a raw table as JSON. JSON has its own form of times, a T for the blank; here they are as text elsewhere. -#}
{%- macro row_cells(alias, raw) -%}
to_jsonb({{ alias }})
{%- set table = raw_table(raw) -%}
{%- if execute and table is not string and not table.is_cte -%}
    {%- for column in adapter.get_columns_in_relation(table) if column.data_type.startswith('timestamp') %}
    || jsonb_build_object('{{ column.name }}', cast({{ alias }}.{{ adapter.quote(column.name) }} as text))
    {%- endfor -%}
{%- endif -%}
{%- endmacro -%}

{%- macro postgres__attributes_of(relation, left_out) -%}
(
    select
        rows_by_hash.hash_of_the_row as version_hash,
        lower(cells.attribute) as attribute,
        {{ engine_function('read_cell') }}(cells.cell) as value
    from (
        select distinct on ({{ hash_of(row_text('the_whole_row')) }})
            {{ hash_of(row_text('the_whole_row')) }} as hash_of_the_row,
            ({{ row_cells('the_whole_row', relation) }}) - array['{{ left_out | replace(", ", "', '") }}'] as all_cells
        from {{ relation }} as the_whole_row
    ) as rows_by_hash
    cross join lateral jsonb_each(rows_by_hash.all_cells) as cells (attribute, cell)
) as named_attributes
{%- endmacro -%}

{%- macro postgres__further_columns(left_out, relation) -%}
nullif(cast(({{ row_cells(relation, 'events') }}) - array['{{ left_out | join("', '") }}'] as text), '{}')
{%- endmacro -%}

{%- macro postgres__property_of(properties, name) -%}
(
    select {{ engine_function('read_cell') }}(cells.cell) from jsonb_each(cast({{ properties }} as jsonb)) as cells (name, cell)
    where lower(cells.name) = {{ name }} limit 1
)
{%- endmacro -%}

{%- macro postgres__cells_of(relation) -%}
(
    select
        seed_rows.seed_row,
        cells.column_name,
        nullif(cells.cell, '') as cell
    from (select 1 + row_number() over () as seed_row, seeds.* from {{ relation }} as seeds) as seed_rows
    cross join lateral jsonb_each_text(to_jsonb(seed_rows) - 'seed_row') as cells (column_name, cell)
) as named_cells
{%- endmacro -%}

{#- Names must be known before the query runs, so there is one column, attributes: a JSON text (docs/decisions/published-attributes-are-columns.md). -#}
{%- macro postgres__columns_by_name(relation, key, name, value, left_out) -%}
(
    select
        {{ key }},
        cast(jsonb_object_agg({{ name }}, {{ value }}) filter (where {{ name }} <> '{{ left_out }}') as text) as attributes
    from {{ relation }}
    where {{ key }} is not null
    group by {{ key }}
) as columns_by_name
{%- endmacro -%}

{%- macro postgres__all_but(relation, column) -%}{{ relation }}.attributes{%- endmacro -%}
