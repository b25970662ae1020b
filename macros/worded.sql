{#- A sentence with its placeholders filled in; `values` maps names to expressions. Texts from the data come last, for they may hold anything. -#}
{%- macro worded(sentence, values) -%}
{%- for name in values -%}replace({%- endfor -%}
{{ sentence }}
{%- for name, value in values.items() -%}, '{{ '{' ~ name ~ '}' }}', {{ value }}){%- endfor -%}
{%- endmacro -%}
