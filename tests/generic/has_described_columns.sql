{#- A model without a contract has the columns that its description lists, of the types given there. -#}
{% test has_described_columns(model) %}

{%- set node = graph.nodes.get('model.lead_scoring.' ~ model.identifier) if execute %}

select
    described.column_name,
    described.data_type,
    'is missing or has another type' as problem

from (
{%- for column in (node.columns.values() if node else []) %}
    select
        '{{ column.name }}' as column_name,
        '{{ column.data_type }}' as data_type
    {{ 'union all' if not loop.last }}
    {%- endfor %}
) as described

left join {{ column_types_of(model) }} as present
    on
        described.column_name = present.column_name
        and described.data_type = present.data_type

where present.column_name is null

{% endtest %}
