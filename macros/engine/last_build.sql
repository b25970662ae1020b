{#-
    Runs before every dbt command that builds: what a build reads as the last one left it must be there before the first
    (models/staging/last_build).
-#}
{%- macro create_last_build() -%}{{ adapter.dispatch('create_last_build', 'lead_scoring')() }}{%- endmacro -%}

{%- macro duckdb__create_last_build() -%}
create schema if not exists {{ target.schema }}_intermediate;
create schema if not exists {{ target.schema }}_marts;
create table if not exists {{ target.schema }}_marts.scored_dates (
    as_of_date date,
    model_id varchar,
    rules_version varchar,
    rules_fingerprint varchar
);
create table if not exists {{ target.schema }}_intermediate.int_known_rows (
    raw_table varchar,
    row_key varchar,
    known_date date
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
