{#- Regular expressions of Postgres: see docs/engines.md for those that are portable. -#}
{%- macro postgres__finds_pattern(text, pattern) -%}({{ text }} ~* {{ engine_function('portable_pattern') }}({{ pattern }})){%- endmacro -%}
{%- macro postgres__is_pattern(pattern) -%}{{ engine_function('is_pattern') }}({{ pattern }}){%- endmacro -%}
{%- macro postgres__is_in_list(text, list) -%}({{ text }} = any(string_to_array({{ list }}, '|'))){%- endmacro -%}
{%- macro postgres__list_item(list, number) -%}nullif(split_part({{ list }}, '|', cast({{ number }} as integer)), ''){%- endmacro -%}
{%- macro postgres__contains_text(text, part) -%}(strpos({{ text }}, {{ part }}) > 0){%- endmacro -%}
{%- macro postgres__starts_with_text(text, part) -%}starts_with({{ text }}, {{ part }}){%- endmacro -%}
{%- macro postgres__ends_with_text(text, part) -%}(right({{ text }}, length({{ part }})) = {{ part }}){%- endmacro -%}
{%- macro postgres__domain_of(email) -%}nullif(substring({{ email }} from '@([^@]*)$'), ''){%- endmacro -%}
{%- macro postgres__digits_of(text) -%}nullif(regexp_replace({{ text }}, '[^0-9]', '', 'g'), ''){%- endmacro -%}
{%- macro postgres__part_before(text, separator) -%}split_part({{ text }}, {{ separator }}, 1){%- endmacro -%}
{%- macro postgres__part_after(text, separator) -%}split_part({{ text }}, {{ separator }}, 2){%- endmacro -%}
{%- macro postgres__shortest_items(list) -%}
(
    select string_agg(coalesce({{ number_text(read_amount('item')) }}, item), '|' order by place)
    from unnest(string_to_array({{ list }}, '|')) with ordinality as items (item, place)
)
{%- endmacro -%}
{%- macro postgres__joined(text, separator, order_by) -%}string_agg({{ text }}, {{ separator }} order by {{ order_by }}){%- endmacro -%}
{%- macro postgres__hash_of(text) -%}md5({{ text }}){%- endmacro -%}

{#- The same text as DuckDB's, so that rules_version is the same. -#}
{%- macro postgres__hash_of_all(texts) -%}
md5(cast(array_to_json(array[{% for text in texts %}cast({{ text }} as text){{ ', ' if not loop.last }}{% endfor %}]) as text))
{%- endmacro -%}

{%- macro postgres__hash_number(columns) -%}hashtextextended(cast(row({{ columns | join(', ') }}) as text), 0){%- endmacro -%}
{%- macro postgres__rows_hash(columns) -%}cast(sum({{ hash_number(columns) }}) as text){%- endmacro -%}
