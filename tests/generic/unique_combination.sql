{#- The named columns tell rows apart; null is a value like any other. -#}
{% test unique_combination(model, combination) %}

select
    {{ combination | join(', ') }},
    count(*) as copies

from {{ model }}

group by {{ combination | join(', ') }}

having count(*) > 1

{% endtest %}
