{#- A table of problems is empty. -#}
{% test no_rows(model) %}

select * from {{ model }}

{% endtest %}
