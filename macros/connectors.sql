{#-
    Which raw tables each source gives. `files` are the raw tables of the contract themselves (models/staging/raw/_sources.yml); the models of the
    others are models/connectors/<source>/<source>__<table>.
-#}
{%- macro raw_tables_of_sources() -%}
{{ return({
    'files': ['contacts', 'events', 'identities', 'outcomes', 'accounts', 'merges', 'contact_attributes'],
    'hubspot': ['contacts', 'events', 'outcomes', 'accounts', 'merges', 'contact_attributes'],
    'segment': ['contacts', 'events', 'identities', 'accounts', 'merges', 'contact_attributes'],
    'ga4': ['contacts', 'events', 'identities'],
    'salesforce': ['contacts', 'events', 'outcomes', 'accounts', 'merges', 'contact_attributes'],
    'pardot': ['contacts', 'events', 'identities', 'outcomes', 'merges'],
    'marketo': ['contacts', 'events', 'outcomes', 'merges', 'contact_attributes'],
    'web_events': ['contacts', 'events', 'identities', 'outcomes'],
    'shopify': ['contacts', 'events', 'outcomes', 'merges'],
    'woocommerce': ['contacts', 'events', 'outcomes', 'merges']
}) }}
{%- endmacro -%}

{#- The sources that are on, by the list `connectors`; without a list the raw files alone. -#}
{%- macro connectors() -%}
{%- set listed = var('connectors', env_var('LEAD_SCORING_CONNECTORS', '')) -%}
{%- set names = [] -%}
{%- for name in (listed.split(',') if listed is string else listed) if name | trim -%}
    {%- if name | trim not in raw_tables_of_sources() -%}
        {{ exceptions.raise_compiler_error("The variable connectors names " ~ name | trim ~ "; it must name sources among " ~ raw_tables_of_sources() | join(', ')) }}
    {%- endif -%}
    {%- do names.append(name | trim) -%}
{%- endfor -%}
{{ return(names or ['files']) }}
{%- endmacro -%}

{#- The rows of a raw table from all sources that are on. Columns come together by name; a column that a source does not have is null in its rows. -#}
{%- macro raw_rows(table) -%}
{%- set relations = [] -%}
{%- for name in connectors() if table in raw_tables_of_sources()[name] -%}
    {%- do relations.append(source('raw', table) if name == 'files' else ref(name ~ '__' ~ table)) -%}
{%- endfor -%}
{{ return(relations[0] if relations | length == 1 else union_by_name(relations) if relations else no_rows_of(table)) }}
{%- endmacro -%}

{#- A raw table that no source gives. -#}
{%- macro no_rows_of(table) -%}
{%- set columns = {
    'identities': ['anonymous_id', 'contact_id', 'identified_at'],
    'outcomes': ['outcome_id', 'contact_id', 'outcome', 'occurred_at', 'value'],
    'accounts': ['account_id', 'created_at', 'updated_at', 'name'],
    'merges': ['from_contact_id', 'into_contact_id', 'merged_at'],
    'contact_attributes': ['contact_id', 'attribute', 'value', 'changed_at']
}[table] -%}
(select {% for column in columns %}{{ as_text('null') }} as {{ column }}{{ ', ' if not loop.last }}{% endfor %} where 1 = 0) as no_rows
{%- endmacro -%}

{#- An id with the name of its source, so that two sources may use the same number. Ids keep their case: some differ in nothing else. -#}
{%- macro source_id(prefix, id) -%}
'{{ prefix }}:' || {{ read_text(id) }}
{%- endmacro -%}

{#- The time zone of the times of a source that carry no offset: `source_time_zones`, such as pardot=Europe/Warsaw,web_events=Europe/Warsaw. -#}
{%- macro time_zone_of(name) -%}
{%- set listed = var('source_time_zones', env_var('LEAD_SCORING_SOURCE_TIME_ZONES', '')) -%}
{%- for pair in listed.split(',') if pair.split('=')[0] | trim == name -%}
    {{ return(pair.split('=')[1] | trim) }}
{%- endfor -%}
{{ return('UTC') }}
{%- endmacro -%}

{#- A time of a source as UTC; null where it cannot be read. -#}
{%- macro source_time(name, value) -%}
{{ read_timestamp(value) if time_zone_of(name) == 'UTC' else read_local_timestamp(value, time_zone_of(name)) }}
{%- endmacro -%}

{#- The last moment of a day that a source gives without a time, as UTC: before, it may not have happened. -#}
{%- macro source_day_end(name, value, times_are_local=false) -%}
{{ local_day_end(value, time_zone_of(name), times_are_local) }}
{%- endmacro -%}

{#- Whether a flag of a source is set, be it a boolean, a number or text. -#}
{%- macro is_set(value) -%}
coalesce(lower({{ read_text(value) }}) in ('true', 't', '1', 'yes'), false)
{%- endmacro -%}
