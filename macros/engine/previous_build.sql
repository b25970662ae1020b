{#-
    Runs before every dbt command that builds. It creates the tables that a build reads from the last build, so that the first build can run
    (models/staging/previous_build).
-#}
{%- macro create_previous_build() -%}
{{ adapter.dispatch('create_previous_build', 'lead_scoring')() }}
{#- dbt listed the tables earlier, so these must be added to its cache. -#}
{%- if execute -%}
    {%- for table in [source('published', 'scored_dates'), source('published', 'raw_table_days'), source('published', 'lead_score_history'), source('kept', 'int_signal_days')] -%}
        {%- if adapter.get_relation(table.database, table.schema, table.identifier) is none -%}
            {%- do adapter.cache_added(whole(table)) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endif -%}
{%- endmacro -%}

{%- macro duckdb__create_previous_build() -%}
create table if not exists {{ whole(source('published', 'scored_dates')) }} (
    as_of_date date,
    model_id varchar,
    rules_version varchar,
    rules_fingerprint varchar,
    rows_known bigint,
    known_version varchar,
    late_rows bigint
);
create table if not exists {{ whole(source('published', 'raw_table_days')) }} (
    table_name varchar,
    raw_date date,
    rows_known bigint
);
create schema if not exists {{ whole(source('kept', 'int_signal_days')).without_identifier() }};
create table if not exists {{ whole(source('kept', 'int_signal_days')) }} (
    actor_key ubigint,
    signal_key ubigint,
    occurred_date date,
    received_date date,
    counted_for varchar,
    part_version ubigint,
    matches bigint,
    amount decimal(38, 6),
    seconds decimal(38, 6),
    value decimal(38, 6),
    last_event_at timestamp
);
create table if not exists {{ whole(source('published', 'lead_score_history')) }} (
    as_of_date date,
    model_id varchar,
    contact_id varchar,
    account_id varchar,
    status varchar,
    status_reason varchar,
    score decimal(18, 4),
    behavioural_score decimal(18, 4),
    demographic_score decimal(18, 4),
    band varchar,
    behavioural_band varchar,
    demographic_band varchar,
    grade varchar,
    priority integer,
    band_since date,
    conversion_probability decimal(18, 6),
    rules_version varchar,
    bands_on varchar
);
{%- endmacro -%}

{#- A table by its name, also with --empty, where dbt would use a query without rows. -#}
{%- macro whole(relation) -%}
{{ return(api.Relation.create(database=relation.database, schema=relation.schema, identifier=relation.identifier, type='table')) }}
{%- endmacro -%}
