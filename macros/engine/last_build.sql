{#-
    Runs before every dbt command that builds: what a build reads as the last one left it must be there before the first
    (models/staging/previous_build).
-#}
{%- macro create_last_build() -%}
{{ adapter.dispatch('create_last_build', 'lead_scoring')() }}
{#- dbt has listed the tables before, and must know of these when it replaces them. -#}
{%- if execute -%}
    {%- for schema, table in [('marts', 'scored_dates'), ('marts', 'raw_table_days'), ('intermediate', 'int_received_events'), ('intermediate', 'int_known_rows'), ('intermediate', 'int_signal_days'), ('intermediate', 'int_score_history')] -%}
        {%- set relation = api.Relation.create(
            database=target.database, schema=target.schema ~ '_' ~ schema, identifier=table, type='table'
        ) -%}
        {%- if adapter.get_relation(relation.database, relation.schema, relation.identifier) is none -%}
            {%- do adapter.cache_added(relation) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endif -%}
{%- endmacro -%}

{%- macro duckdb__create_last_build() -%}
create schema if not exists {{ target.schema }}_intermediate;
create schema if not exists {{ target.schema }}_marts;
create table if not exists {{ target.schema }}_marts.scored_dates (
    as_of_date date,
    model_id varchar,
    rules_version varchar,
    rules_fingerprint varchar
);
create table if not exists {{ target.schema }}_marts.raw_table_days (
    table_name varchar,
    raw_date date,
    rows_known bigint
);
create table if not exists {{ target.schema }}_intermediate.int_received_events (
    event_id varchar,
    contact_id varchar,
    anonymous_id varchar,
    actor_id varchar,
    event_type varchar,
    channel varchar,
    campaign varchar,
    page_url varchar,
    object_id varchar,
    duration_seconds decimal(18, 6),
    value decimal(18, 6),
    occurred_at timestamp,
    received_at timestamp,
    occurred_date date,
    received_date date,
    rejected_because varchar,
    raw_duration_seconds varchar,
    raw_value varchar,
    raw_occurred_at varchar,
    raw_received_at varchar,
    is_copy boolean
);
create table if not exists {{ target.schema }}_intermediate.int_known_rows (
    raw_table varchar,
    row_key varchar,
    known_date date
);
create table if not exists {{ target.schema }}_intermediate.int_signal_days (
    actor_id varchar,
    signal_id varchar,
    occurred_date date,
    received_date date,
    matches bigint,
    amount decimal(38, 6),
    day_version varchar
);
create table if not exists {{ target.schema }}_intermediate.int_score_history (
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
    band_since date,
    bands_on varchar,
    grade varchar,
    priority integer,
    rules_version varchar
);
{%- endmacro -%}
