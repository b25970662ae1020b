{#-
    These columns are unique together (null is a value), and the columns of never_null are not null.
    One test for both, because each test is a query. It compares hashes first, which is a third faster on a large table.
    of_run: a column of int_history_models. Of a history that grows only the dates where it is true are read: after --full-refresh all.
-#}
{% test is_key(model, columns, never_null=[], of_run=none) %}

{%- set rows -%}
{%- if of_run -%}
(select * from {{ model }} where as_of_date in (select dates.as_of_date from {{ ref('int_history_models') }} as dates where dates.{{ of_run }})) as rows_of_run
{%- else -%}
{{ model }}
{%- endif -%}
{%- endset %}

select
    {{ columns | join(', ') }},
    'there is more than one' as problem

from {{ rows }}

where {{ hash_number(columns) }} in (
    select {{ hash_number(columns) }} from {{ rows }}
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

from {{ rows }}

where
    {{ never_null | join(' is null or ') }} is null
{%- endif %}

{% endtest %}
