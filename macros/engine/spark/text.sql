{#- Texts in raw strings r'...' are as they are: in others Spark reads a backslash as an escape. Regular expressions of Java: docs/engines.md. -#}

{#-
    As on DuckDB, a line ends with \n alone, $ at the end is the end of the text, and case is ignored in all letters. Java has other names for a class such as
    [:space:] and for groups.
-#}
{%- macro spark__finds_pattern(text, pattern) -%}
{%- set classes = {
    'space': 's', 'digit': 'd', 'word': 'w', 'alpha': 'p{Alpha}', 'alnum': 'p{Alnum}', 'lower': 'p{Lower}', 'upper': 'p{Upper}', 'punct': 'p{Punct}',
    'blank': 'p{Blank}', 'cntrl': 'p{Cntrl}', 'graph': 'p{Graph}', 'print': 'p{Print}', 'xdigit': 'p{XDigit}', 'ascii': 'p{ASCII}'
} -%}
{%- set java = ["replace(regexp_replace(" ~ pattern ~ ", r'(?<!\\\\)[$]$', r'\\\\z'), '(?P<', '(?<')"] -%}
{%- for name, class in classes.items() -%}
    {%- do java.append("replace(" ~ java[-1] ~ ", '[:" ~ name ~ ":]', r'\\" ~ class ~ "')") -%}
{%- endfor -%}
regexp_like({{ text }}, concat('(?iud)', {{ java[-1] }}))
{%- endmacro -%}

{%- macro spark__is_in_list(text, list) -%}array_contains(split({{ list }}, '[|]'), {{ text }}){%- endmacro -%}
{%- macro spark__list_item(list, number) -%}nullif(split_part({{ list }}, '|', {{ number }}), ''){%- endmacro -%}
{%- macro spark__contains_text(text, part) -%}contains({{ text }}, {{ part }}){%- endmacro -%}
{%- macro spark__starts_with_text(text, part) -%}startswith({{ text }}, {{ part }}){%- endmacro -%}
{%- macro spark__ends_with_text(text, part) -%}endswith({{ text }}, {{ part }}){%- endmacro -%}
{%- macro spark__joined(text, separator, order_by) -%}listagg({{ text }}, {{ separator }}) within group (order by {{ order_by }}){%- endmacro -%}
{%- macro spark__hash_of(text) -%}md5({{ text }}){%- endmacro -%}

{#- The same numbers as DuckDB's with LEAD_SCORING_KEYS=portable. -#}
{%- macro spark__hash_number(columns) -%}
shiftrightunsigned(cast(conv(left(md5({{ key_text(columns) }}), 16), 16, -10) as bigint), 1)
{%- endmacro -%}

{#- Of rows alone, so a hash of Spark's own, which is faster. It skips nulls. -#}
{%- macro spark__rows_hash(columns) -%}
cast(sum(cast(xxhash64({% for column in columns %}{{ column }}, {{ column }} is null{{ ', ' if not loop.last }}{% endfor %}) as decimal(38, 0))) as string)
{%- endmacro -%}

{%- macro spark__number_text(value) -%}
regexp_replace(cast(cast({{ value }} as decimal(38, 6)) as string), r'\.?0+$', '')
{%- endmacro -%}
