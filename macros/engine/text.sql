{%- macro finds_pattern(text, pattern) -%}{{ adapter.dispatch('finds_pattern', 'lead_scoring')(text, pattern) }}{%- endmacro -%}
{%- macro is_pattern(pattern) -%}{{ adapter.dispatch('is_pattern', 'lead_scoring')(pattern) }}{%- endmacro -%}
{%- macro is_in_list(text, list) -%}{{ adapter.dispatch('is_in_list', 'lead_scoring')(text, list) }}{%- endmacro -%}
{%- macro list_item(list, number) -%}{{ adapter.dispatch('list_item', 'lead_scoring')(list, number) }}{%- endmacro -%}
{%- macro contains_text(text, part) -%}{{ adapter.dispatch('contains_text', 'lead_scoring')(text, part) }}{%- endmacro -%}
{%- macro starts_with_text(text, part) -%}{{ adapter.dispatch('starts_with_text', 'lead_scoring')(text, part) }}{%- endmacro -%}
{%- macro ends_with_text(text, part) -%}{{ adapter.dispatch('ends_with_text', 'lead_scoring')(text, part) }}{%- endmacro -%}
{%- macro domain_of(email) -%}{{ adapter.dispatch('domain_of', 'lead_scoring')(email) }}{%- endmacro -%}
{%- macro hash_of(text) -%}{{ adapter.dispatch('hash_of', 'lead_scoring')(text) }}{%- endmacro -%}
{%- macro hash_of_all(texts) -%}{{ adapter.dispatch('hash_of_all', 'lead_scoring')(texts) }}{%- endmacro -%}
{%- macro hash_number(columns) -%}{{ adapter.dispatch('hash_number', 'lead_scoring')(columns) }}{%- endmacro -%}
{%- macro rows_hash(columns) -%}{{ adapter.dispatch('rows_hash', 'lead_scoring')(columns) }}{%- endmacro -%}
{%- macro joined(text, separator, order_by) -%}{{ adapter.dispatch('joined', 'lead_scoring')(text, separator, order_by) }}{%- endmacro -%}

{#- Whether a regular expression matches anywhere in the text, ignoring case. -#}
{%- macro duckdb__finds_pattern(text, pattern) -%}
regexp_matches({{ text }}, {{ pattern }}, 'i')
{%- endmacro -%}

{#- Whether a text compiles as a regular expression. -#}
{%- macro duckdb__is_pattern(pattern) -%}
(try(regexp_matches('', {{ pattern }})) is not null)
{%- endmacro -%}

{#- Whether the text is an item of a list a|b|c. -#}
{%- macro duckdb__is_in_list(text, list) -%}
list_contains(string_split({{ list }}, '|'), {{ text }})
{%- endmacro -%}

{%- macro duckdb__list_item(list, number) -%}
nullif(split_part({{ list }}, '|', {{ number }}), '')
{%- endmacro -%}

{%- macro duckdb__contains_text(text, part) -%}
contains({{ text }}, {{ part }})
{%- endmacro -%}

{%- macro duckdb__starts_with_text(text, part) -%}
starts_with({{ text }}, {{ part }})
{%- endmacro -%}

{%- macro duckdb__ends_with_text(text, part) -%}
ends_with({{ text }}, {{ part }})
{%- endmacro -%}

{#- What follows the last @ of an e-mail address; null without one. -#}
{%- macro duckdb__domain_of(email) -%}
nullif(regexp_extract({{ email }}, '@([^@]*)$', 1), '')
{%- endmacro -%}

{#- Whether a text has the form of an e-mail address. -#}
{%- macro is_email(text) -%}
{%- set letters = '[^[:space:]@.,;:<>()"]+' -%}
{{ finds_pattern(text, "'^" ~ letters ~ "([.]" ~ letters ~ ")*@(" ~ letters ~ "[.])+" ~ letters ~ letters[:-1] ~ "$'") }}
{%- endmacro -%}

{%- macro duckdb__hash_of(text) -%}
md5({{ text }})
{%- endmacro -%}

{#- Hash of several values; null and empty text differ. -#}
{%- macro duckdb__hash_of_all(texts) -%}
md5(cast(to_json([{% for text in texts %}cast({{ text }} as varchar){{ ', ' if not loop.last }}{% endfor %}]) as varchar))
{%- endmacro -%}

{#- Numeric hash of these columns; null is a value. Different rows may collide. -#}
{%- macro duckdb__hash_number(columns) -%}
{%- if env_var('LEAD_SCORING_KEYS', '') == 'portable' -%}
cast(cast('0x' || left(md5({{ key_text(columns) }}), 16) as ubigint) >> 1 as bigint)
{%- else -%}
hash({{ columns | join(', ') }})
{%- endif -%}
{%- endmacro -%}

{#- Text of a key that DuckDB and another engine compute both. Null differs from empty text, and a separator in a text is escaped. -#}
{%- macro key_text(columns) -%}
{%- if columns | length == 1 -%}
coalesce('=' || {{ columns[0] }}, '')
{%- else -%}
{%- set cells = [] -%}
{%- for column in columns -%}
    {%- do cells.append("coalesce('=' || replace(replace(" ~ as_text(column) ~ ", '~', '~~'), '|', '~p'), '')") -%}
{%- endfor -%}
concat({{ cells | join(", '|', ") }})
{%- endif -%}
{%- endmacro -%}

{#- Aggregate: the texts of a group, in a given order. -#}
{%- macro duckdb__joined(text, separator, order_by) -%}
string_agg({{ text }}, {{ separator }} order by {{ order_by }})
{%- endmacro -%}

{#- Aggregate: an order-independent hash of a set of rows by these columns. A sum, because in an
    exclusive or two copies of a row would cancel out. -#}
{%- macro duckdb__rows_hash(columns) -%}
cast(sum(cast({{ hash_number(columns) }} as hugeint)) as varchar)
{%- endmacro -%}

{#- The items of a list, without blanks around them: a table of one column, item, for a lateral join. -#}
{%- macro list_items(list, separator) -%}{{ adapter.dispatch('list_items', 'lead_scoring')(list, separator) }}{%- endmacro -%}
{#- What follows on the first separator in a text. -#}
{%- macro part_after(text, separator) -%}{{ adapter.dispatch('part_after', 'lead_scoring')(text, separator) }}{%- endmacro -%}

{%- macro duckdb__list_items(list, separator) -%}
(select trim(unnest(string_split({{ list }}, {{ separator }}))) as item)
{%- endmacro -%}

{%- macro duckdb__part_after(text, separator) -%}
split_part({{ text }}, {{ separator }}, 2)
{%- endmacro -%}

{#- What precedes the first separator in a text; the whole text without one. -#}
{%- macro part_before(text, separator) -%}{{ adapter.dispatch('part_before', 'lead_scoring')(text, separator) }}{%- endmacro -%}
{#- The digits of a text; null without any. -#}
{%- macro digits_of(text) -%}{{ adapter.dispatch('digits_of', 'lead_scoring')(text) }}{%- endmacro -%}

{%- macro duckdb__part_before(text, separator) -%}
split_part({{ text }}, {{ separator }}, 1)
{%- endmacro -%}

{%- macro duckdb__digits_of(text) -%}
nullif(regexp_replace({{ text }}, '[^0-9]', '', 'g'), '')
{%- endmacro -%}

{#- A list a|b|c with its numbers in their shortest form. -#}
{%- macro shortest_items(list) -%}{{ adapter.dispatch('shortest_items', 'lead_scoring')(list) }}{%- endmacro -%}

{%- macro duckdb__shortest_items(list) -%}
array_to_string(list_transform(string_split({{ list }}, '|'), lambda item: coalesce({{ number_text(read_amount('item')) }}, item)), '|')
{%- endmacro -%}

{#- A name written LeadSource as lead_source. -#}
{%- macro snake_case(text) -%}{{ adapter.dispatch('snake_case', 'lead_scoring')(text) }}{%- endmacro -%}

{%- macro duckdb__snake_case(text) -%}
lower(regexp_replace({{ text }}, '([a-z0-9])([A-Z])', '\1_\2', 'g'))
{%- endmacro -%}
