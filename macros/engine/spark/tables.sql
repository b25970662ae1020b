{%- macro spark__raw_table(name) -%}{{ return(source('raw', name)) }}{%- endmacro -%}
{%- macro spark__row_text(alias) -%}to_json(struct({{ alias }}.*), map('ignoreNullFields', 'false')){%- endmacro -%}

{%- macro spark__further_columns(left_out, relation) -%}
nullif(to_json(struct({{ relation }}.* except ({{ left_out | join(', ') }})), map('ignoreNullFields', 'false')), '{}')
{%- endmacro -%}

{#- A value of the JSON that is a number is in its shortest form. -#}
{%- macro spark__property_of(properties, name) -%}
{%- set cell = "map_values(map_filter(from_json(" ~ properties ~ ", 'map<string, string>'), (key, value) -> lower(key) = " ~ name ~ "))[0]" -%}
nullif({{ cell }}, '')
{%- endmacro -%}
