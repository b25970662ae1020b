{%- macro columns_of(relation) -%}{{ adapter.dispatch('columns_of', 'lead_scoring')(relation) }}{%- endmacro -%}
{%- macro row_text(alias) -%}{{ adapter.dispatch('row_text', 'lead_scoring')(alias) }}{%- endmacro -%}
{%- macro attributes_of(relation, left_out) -%}{{ adapter.dispatch('attributes_of', 'lead_scoring')(relation, left_out) }}{%- endmacro -%}
{%- macro cells_of(relation) -%}{{ adapter.dispatch('cells_of', 'lead_scoring')(relation) }}{%- endmacro -%}

{#- A raw table by its name. On DuckDB a missing optional table has a location without rows (models/staging/raw/_sources.yml). -#}
{%- macro raw_table(name) -%}{{ return(adapter.dispatch('raw_table', 'lead_scoring')(name)) }}{%- endmacro -%}

{%- macro duckdb__raw_table(name) -%}{{ return(source('raw', name)) }}{%- endmacro -%}

{#- Column names of a relation: a table with one column, column_name. -#}
{%- macro duckdb__columns_of(relation) -%}
(select column_name from (describe select * from {{ relation }})) as named_columns
{%- endmacro -%}

{#- Columns of a relation with their types: a subquery with the columns column_name, data_type. -#}
{%- macro column_types_of(relation) -%}{{ adapter.dispatch('column_types_of', 'lead_scoring')(relation) }}{%- endmacro -%}

{%- macro duckdb__column_types_of(relation) -%}
(select column_name, lower(column_type) as data_type from (describe select * from {{ relation }}))
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

{#- The columns of a row of the relation that are not left_out, with their values, as one text; null if there are none. property_of finds a value by its name. -#}
{%- macro further_columns(left_out, relation) -%}{{ adapter.dispatch('further_columns', 'lead_scoring')(left_out, relation) }}{%- endmacro -%}
{%- macro property_of(properties, name) -%}{{ adapter.dispatch('property_of', 'lead_scoring')(properties, name) }}{%- endmacro -%}

{%- macro duckdb__further_columns(left_out, relation) -%}
nullif(cast(to_json(struct_pack(*columns(* exclude ({{ left_out | join(', ') }})))) as varchar), '{}')
{%- endmacro -%}

{#- Names are compared without case; numbers are in their shortest form, as read_text gives them. -#}
{%- macro duckdb__property_of(properties, name) -%}
{%- set place -%}
'/' || replace(replace(list_filter(json_keys({{ properties }}), lambda key: lower(key) = {{ name }})[1], '~', '~0'), '/', '~1')
{%- endset -%}
nullif(
    case
        when json_type({{ properties }}, {{ place }}) = 'DOUBLE'
            then {{ duckdb__shortest_number('json_extract_string(' ~ properties ~ ', ' ~ place ~ ')') }}
        else json_extract_string({{ properties }}, {{ place }})
    end,
    ''
)
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

{#- The rows of several relations, with the columns of all by name. -#}
{%- macro union_by_name(relations) -%}{{ adapter.dispatch('union_by_name', 'lead_scoring')(relations) }}{%- endmacro -%}

{%- macro duckdb__union_by_name(relations) -%}
({% for relation in relations %}select * from {{ relation }}{{ ' union all by name ' if not loop.last }}{% endfor %}) as united_rows
{%- endmacro -%}

{#-
    The contacts of a source: the stated columns (names and expressions), and as text every further column whose name begins with the prefix, without
    it. Columns left out, and those whose names begin with one of the prefixes left out, are no attributes. is_deleted says whether the source has
    deleted the contact since.
-#}
{%- macro with_attributes(relation, stated, is_deleted, prefix='', left_out=[], prefixes_left_out=['_']) -%}
{{ adapter.dispatch('with_attributes', 'lead_scoring')(relation, stated, is_deleted, prefix, left_out, prefixes_left_out) }}
{%- endmacro -%}

{#- A list of columns must not be empty, hence no_attribute, which is taken out again. -#}
{%- macro duckdb__with_attributes(relation, stated, is_deleted, prefix, left_out, prefixes_left_out) -%}
{%- set names = stated.keys() | join(', ') -%}
{%- set no_attributes = left_out + [prefix ~ 'is_deleted'] -%}
{%- for name in stated -%}{%- do no_attributes.append(prefix ~ name) -%}{%- endfor -%}
(
    select * exclude (no_attribute)
    from (
        select
            {{ names }},
            {% if prefix -%}
            {{ read_text("columns('(?i)^" ~ prefix ~ "(.*)$')") }} as '\1'
            {%- else -%}
            {{ read_text('columns(* exclude (' ~ names ~ '))') }}
            {%- endif %}
        from (
            select
                {% for name, expression in stated.items() -%}
                {{ expression }} as {{ name }},
                {% endfor -%}
                {{ is_deleted }} as {{ prefix }}is_deleted,
                columns(
                    lambda c: starts_with(lower(c), '{{ prefix }}') and lower(c) not in ('{{ no_attributes | join("', '") }}')
                    {%- for left in prefixes_left_out %} and not starts_with(lower(c), '{{ left }}'){% endfor %}
                )
            from (select *, cast(null as varchar) as {{ prefix }}no_attribute from {{ relation }})
        )
    )
) as contacts_with_attributes
{%- endmacro -%}

{#- The attributes of contacts (with_attributes) long, where they are not missing: the stated columns, attribute, value. -#}
{%- macro long_attributes(contacts, stated) -%}{{ adapter.dispatch('long_attributes', 'lead_scoring')(contacts, stated) }}{%- endmacro -%}

{%- macro duckdb__long_attributes(contacts, stated) -%}
(
    select
        {{ stated | join(', ') }},
        lower(attribute) as attribute,
        value
    from (select * from {{ contacts }})
    unpivot (value for attribute in (columns(* exclude ({{ stated | join(', ') }}))))
    where attribute <> 'is_deleted'
) as attributes_of_contacts
{%- endmacro -%}

{#- A value of the parameters of an event in the export of Google Analytics, a list of keys and values. -#}
{%- macro parameter(parameters, key, kind) -%}{{ adapter.dispatch('parameter', 'lead_scoring')(parameters, key, kind) }}{%- endmacro -%}
{#- The text of a list whose order means nothing. -#}
{%- macro sorted_text(list) -%}{{ adapter.dispatch('sorted_text', 'lead_scoring')(list) }}{%- endmacro -%}
{#- A field of a column that holds several. -#}
{%- macro struct_field(column, field) -%}{{ adapter.dispatch('struct_field', 'lead_scoring')(column, field) }}{%- endmacro -%}
{#- A field of the first item of a list. -#}
{%- macro first_item(list, field) -%}{{ adapter.dispatch('first_item', 'lead_scoring')(list, field) }}{%- endmacro -%}

{%- macro duckdb__parameter(parameters, key, kind) -%}
list_filter({{ parameters }}, lambda one: one.key = '{{ key }}')[1].value.{{ kind }}
{%- endmacro -%}

{%- macro duckdb__sorted_text(list) -%}
cast(list_sort({{ list }}) as varchar)
{%- endmacro -%}

{%- macro duckdb__first_item(list, field) -%}
{{ list }}[1].{{ field }}
{%- endmacro -%}

{%- macro duckdb__struct_field(column, field) -%}
{{ column }}.{{ field }}
{%- endmacro -%}

{#-
    Values of a long relation, which must be a table or view, as columns: one row per key, one column per name found in the rows, without the name left
    out, which makes sure that there is one.
-#}
{%- macro columns_by_name(relation, key, name, value, left_out) -%}
{{ adapter.dispatch('columns_by_name', 'lead_scoring')(relation, key, name, value, left_out) }}
{%- endmacro -%}

{#- DuckDB reads the names before it runs the query (docs/decisions/published-attributes-are-columns.md). -#}
{%- macro duckdb__columns_by_name(relation, key, name, value, left_out) -%}
(
    select columns(lambda name: name <> '{{ left_out }}')
    from (pivot {{ relation }} on {{ name }} using max({{ value }}) group by {{ key }})
) as columns_by_name
{%- endmacro -%}

{#- All columns of a relation of the query but one. -#}
{%- macro all_but(relation, column) -%}{{ adapter.dispatch('all_but', 'lead_scoring')(relation, column) }}{%- endmacro -%}

{%- macro duckdb__all_but(relation, column) -%}
{{ relation }}.* exclude ({{ column }})
{%- endmacro -%}
