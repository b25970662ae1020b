{#- These columns are never null. -#}
{% test never_null(model, columns) %}

select * from {{ model }}

where {{ columns | join(' is null or ') }} is null

{% endtest %}
