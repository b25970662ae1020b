{#-
    These columns tell the rows of the model apart; null is a value like any other, but not in the columns of never_null.
    One test for both, because each test is a query of its own. Hashes are compared first, which takes a third less time on a big table.
-#}
{% test is_key(model, columns, never_null=[]) %}

select
    {{ columns | join(', ') }},
    'there is more than one' as problem

from {{ model }}

where {{ hash_number(columns) }} in (
    select {{ hash_number(columns) }} from {{ model }}
    group by {{ hash_number(columns) }}
    having count(*) > 1
)

group by {{ columns | join(', ') }}

having count(*) > 1
{%- if never_null %}

union all

select
    {{ columns | join(', ') }},
    'something is missing' as problem

from {{ model }}

where
    {{ never_null | join(' is null or ') }} is null
{%- endif %}

{% endtest %}
