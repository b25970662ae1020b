{#-
    These columns are unique together (null is a value), and the columns of never_null are not null.
    One test for both, because each test is a query. It compares hashes first, which is a third faster on a large table.
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
