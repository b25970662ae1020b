{#- Fills the placeholders of a sentence; `values` maps names to expressions. Texts from the data come last, because they may contain placeholders. -#}
{%- macro worded(sentence, values) -%}
{%- for name in values -%}replace({%- endfor -%}
{{ sentence }}
{%- for name, value in values.items() -%}, '{{ '{' ~ name ~ '}' }}', {{ value }}){%- endfor -%}
{%- endmacro -%}
