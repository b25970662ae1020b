{#- Names of the columns that a model's description lists, as SQL texts separated by commas. The graph is complete only after parsing. -#}
{%- macro described_columns(model) -%}
{%- set node = graph.nodes.get('model.lead_scoring.' ~ model) if execute -%}
'{{ (node.columns if node else {'': none}).keys() | join("', '") }}'
{%- endmacro -%}
