{#-
    State kept between builds, the only mechanism: a table of parts. A build replaces some parts and keeps the others.

    A model with `incremental_strategy='parts'` is configured in its meta by
      part: the columns that identify a part, with its version if it has one;
      keep: the model that lists the parts to keep, and `keep_where`, a filter on its rows;
      person: the contact column, for removing erased contacts from kept parts;
      marker: a filter on the rows that identify the parts, to avoid reading all rows.
    The model's select makes the new parts. Delete and insert are one transaction.
-#}
{%- macro get_incremental_parts_sql(arg_dict) -%}
{{ adapter.dispatch('replace_parts', 'lead_scoring')(arg_dict['target_relation'], arg_dict['temp_relation'], arg_dict['dest_columns']) }}
{%- endmacro -%}

{%- macro duckdb__replace_parts(target, made, columns) -%}
{%- set meta = config.require('meta') -%}
{%- set part, names = meta.part | join(', '), columns | map(attribute='quoted') | join(', ') -%}
delete from {{ target }}
where ({{ part }}) in (
    select {{ part if meta.part | length == 1 else '(' ~ part ~ ')' }}
    from (
        select {{ part }} from {{ target }} where {{ meta.marker or 'true' }}
        except
        select {{ part }} from {{ ref(meta.keep) }} where {{ meta.keep_where or 'true' }}
    )
);
{% if meta.person %}
delete from {{ target }}
where {{ meta.person }} in (select erased_contact_id from {{ ref('stg_erasures') }});
{% endif %}
insert into {{ target }} ({{ names }})
select {{ names }} from {{ made }}
{%- endmacro -%}
