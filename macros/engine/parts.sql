{#-
    State kept between builds, the only mechanism: a table of parts. A build replaces some parts and keeps the others.

    A model with `incremental_strategy='parts'` has in its meta
      part: the columns that name a part, with its version where it has one;
      keep: the model that holds the parts that stay, and `keep_where`, which of its rows are meant;
      person: the column that names a contact, where erased ones are to go from the parts that stay;
      marker: which rows name the parts, where not all need to be read to know them.
    Its select makes the parts that come. What goes and what comes is one transaction.
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
