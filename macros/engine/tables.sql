{%- macro columns_of(relation) -%}{{ adapter.dispatch('columns_of', 'lead_scoring')(relation) }}{%- endmacro -%}
{%- macro row_text(alias) -%}{{ adapter.dispatch('row_text', 'lead_scoring')(alias) }}{%- endmacro -%}
{%- macro attributes_of(relation, left_out) -%}{{ adapter.dispatch('attributes_of', 'lead_scoring')(relation, left_out) }}{%- endmacro -%}
{%- macro cells_of(relation) -%}{{ adapter.dispatch('cells_of', 'lead_scoring')(relation) }}{%- endmacro -%}

{#- The column names of a relation: a table of one column, column_name. -#}
{%- macro duckdb__columns_of(relation) -%}
(select column_name from (describe select * from {{ relation }})) as named_columns
{%- endmacro -%}

{#- All cells of a row as one text, a missing one as nothing, to tell rows apart that share their keys. -#}
{%- macro duckdb__row_text(alias) -%}
array_to_string([coalesce(cell, '') for cell in json_extract_string(to_json({{ alias }}), '$.*')], chr(31))
{%- endmacro -%}

{#-
    Every column of a wide relation but those left out, long: version_hash (of the whole row), attribute, value (text,
    null where missing).
    A number is written in its shortest form, so that 3.0 of a source that knows no whole numbers equals "3".
-#}
{%- macro duckdb__attributes_of(relation, left_out) -%}
(
    select
        version_hash,
        lower(attribute) as attribute,
        nullif(value, '') as value
    from (
        select
            {{ hash_of(row_text('wide')) }} as version_hash,
            case
                when
                    typeof(columns(* exclude ({{ left_out }}))) in ('DOUBLE', 'FLOAT')
                    or typeof(columns(* exclude ({{ left_out }}))) like 'DECIMAL%'
                    then regexp_replace(cast(columns(* exclude ({{ left_out }})) as varchar), '\.0+$|(\.\d*[1-9])0+$', '\1')
                else cast(columns(* exclude ({{ left_out }})) as varchar)
            end
        from {{ relation }} as wide
    )
    unpivot include nulls (value for attribute in (columns(* exclude (version_hash))))
) as named_attributes
{%- endmacro -%}

{#- Every cell of a seed, long: seed_row (its place in the file, the header being 1), column_name, cell (text or null). -#}
{%- macro duckdb__cells_of(relation) -%}
(
    select
        seed_row,
        column_name,
        nullif(cell, '') as cell
    from (select 1 + row_number() over () as seed_row, columns(*) from {{ relation }})
    unpivot include nulls (cell for column_name in (columns(* exclude (seed_row))))
) as named_cells
{%- endmacro -%}
