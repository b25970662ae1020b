{#-
    The one way in which this project keeps state: a table of parts, of which a build makes some anew and leaves the others.

    A model with `incremental_strategy='parts'` has in its configuration
      part: the columns that name a part, with its version where it has one;
      keep: the model that holds the parts that stay, of which the table's own are left; `keep_where` narrows it;
      person: the column that names a contact, where erased ones are to go from the parts that stay.
    Its select makes the others. What goes and what comes is one transaction.
-#}
{%- macro get_incremental_parts_sql(arg_dict) -%}
{{ adapter.dispatch('replace_parts', 'lead_scoring')(arg_dict['target_relation'], arg_dict['temp_relation'], arg_dict['dest_columns']) }}
{%- endmacro -%}

{%- macro duckdb__replace_parts(target, made, columns) -%}
{%- set part, names = config.require('part'), columns | map(attribute='quoted') | join(', ') -%}
delete from {{ target }} as held
where
    ({% for column in part %}held.{{ column }}{{ ', ' if not loop.last }}{% endfor %}) not in (
        select {{ '(' if part | length > 1 }}{{ part | join(', ') }}{{ ')' if part | length > 1 }} from {{ ref(config.require('keep')) }}
        where {% for column in part %}{{ column }} is not null and {% endfor %}{{ config.get('keep_where', 'true') }}
    )
    {%- if config.get('person') %}
    or held.{{ config.get('person') }} in (select erased_contact_id from {{ ref('stg_erasures') }} where erased_contact_id is not null)
    {%- endif %};

insert into {{ target }} ({{ names }})
select {{ names }} from {{ made }}
{%- endmacro -%}
