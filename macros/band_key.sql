{#- A band within its model, such as |total:40|: its min_score, which is unique in a dimension, cannot hold the separators. -#}
{%- macro band_key(dimension, min_score) -%}
'|' || {{ dimension }} || ':' || {{ number_text(min_score) }} || '|'
{%- endmacro -%}
