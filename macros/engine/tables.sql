{%- macro columns_of(relation) -%}{{ adapter.dispatch('columns_of', 'lead_scoring')(relation) }}{%- endmacro -%}
{%- macro row_text(alias) -%}{{ adapter.dispatch('row_text', 'lead_scoring')(alias) }}{%- endmacro -%}
{%- macro attributes_of(relation, left_out) -%}{{ adapter.dispatch('attributes_of', 'lead_scoring')(relation, left_out) }}{%- endmacro -%}
{%- macro cells_of(relation) -%}{{ adapter.dispatch('cells_of', 'lead_scoring')(relation) }}{%- endmacro -%}

{#- Column names of a relation: a table with one column, column_name. -#}
{%- macro duckdb__columns_of(relation) -%}
(select column_name from (describe select * from {{ relation }})) as named_columns
{%- endmacro -%}

{#-
    All cells of a row with their column names as one text (null as empty), to distinguish rows with equal keys. A renamed
    column changes the text. In JSON a quote of a cell is escaped, so no cell can look like a missing one.
-#}
{%- macro duckdb__row_text(alias) -%}
replace(cast(to_json({{ alias }}) as varchar), ':null', ':""')
{%- endmacro -%}

{#-
    All columns of a wide relation except left_out, in long form: version_hash (of the whole row), attribute, value (text,
    null if missing). Duplicate rows count once.
    The internal names cannot collide with columns of a source.
-#}
{%- macro duckdb__attributes_of(relation, left_out) -%}
(
    select
        hash_of_the_row as version_hash,
        lower(attribute) as attribute,
        value
    from (
        select distinct on (hash_of_the_row)
            {{ hash_of(row_text('the_whole_row')) }} as hash_of_the_row,
            {{ read_text('columns(* exclude (' ~ left_out ~ '))') }}
        from {{ relation }} as the_whole_row
    )
    unpivot include nulls (value for attribute in (columns(* exclude (hash_of_the_row))))
) as named_attributes
{%- endmacro -%}

{#- All cells of a seed in long form: seed_row (the header is row 1), column_name, cell (text or null). -#}
{%- macro duckdb__cells_of(relation) -%}
(
    select
        seed_row,
        column_name,
        nullif(cell, '') as cell
    from (select 1 + row_number() over () as seed_row, {{ read_text('columns(*)') }} from {{ relation }})
    unpivot include nulls (cell for column_name in (columns(* exclude (seed_row))))
) as named_cells
{%- endmacro -%}
