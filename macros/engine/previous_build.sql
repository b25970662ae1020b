{#-
    Location of a table of the last build that is read as a source: the location of the model of the same name, in the schema and database that the installing project
    gives to that model. A table without a model is `beside` one.
-#}
{%- macro last_built(table, beside=none) -%}
{#- The graph is complete only after parsing. In a unit test the table is the test's own query. -#}
{%- set model = graph.nodes.get('model.lead_scoring.' ~ (beside or table.identifier)) if execute and not table.is_cte -%}
{%- if model -%}
    {{ return(table.incorporate(path={
        'database': model.database, 'schema': model.schema, 'identifier': table.identifier if beside else model.alias
    })) }}
{%- endif -%}
{{ return(table) }}
{%- endmacro -%}

{#-
    Runs before every dbt command that builds. It creates the tables that a build reads from the last build, so that the first build can run
    (models/staging/previous_build). On Spark nothing reads them: DuckDB does.
-#}
{%- macro create_previous_build() -%}
{%- if execute and adapter.type() != 'spark' -%}
    {%- set columns = adapter.dispatch('previous_columns', 'lead_scoring')() -%}
    {%- for table in [source('published', 'scored_dates'), source('published', 'raw_table_days'), source('published', 'lead_score_history'), source('published', 'lead_score_changes'), source('published', 'account_score_history'), source('published', 'crm_sync'), source('kept', 'int_signal_days')] -%}
        {%- set place = whole(last_built(table)) -%}
        {{ adapter.dispatch('create_if_missing', 'lead_scoring')(place, columns[table.identifier]) }}
        {#- dbt listed the tables earlier, so these must be added to its cache. -#}
        {%- if adapter.get_relation(place.database, place.schema, place.identifier) is none -%}
            {%- do adapter.cache_added(place) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endif -%}
{%- endmacro -%}

{#- Runs before create_previous_build. Parts that an earlier version of the project made with other columns are made anew. -#}
{%- macro drop_outdated_parts() -%}
{%- if execute and adapter.type() != 'spark' -%}
    {%- set place = last_built(source('kept', 'int_signal_days')) -%}
    {%- set made = adapter.get_relation(place.database, place.schema, place.identifier) -%}
    {%- if made -%}
        {%- set columns = adapter.dispatch('previous_columns', 'lead_scoring')()['int_signal_days'] -%}
        {#- run_query begins no transaction: one would hold both databases. -#}
        {%- set names = run_query('select * from ' ~ made ~ ' where 1 = 0').column_names -%}
        {%- if names | sort != modules.re.findall('(?:^|,)\\s*([a-z_]+) ', columns) | sort %}drop table {{ made }} cascade{% endif -%}
    {%- endif -%}
{%- endif -%}
{%- endmacro -%}

{%- macro duckdb__create_if_missing(table, columns) -%}
create schema if not exists {{ table.without_identifier() }};
create table if not exists {{ table }} ({{ columns }});
{% endmacro -%}

{%- macro duckdb__previous_columns() -%}
{{ return({
    'scored_dates': "as_of_date date, model_id varchar, rules_version varchar, rules_fingerprint varchar, rows_known bigint, known_version varchar, late_rows bigint",
    'raw_table_days': "table_name varchar, raw_date date, rows_known bigint",
    'int_signal_days': "actor_key ubigint, signal_key ubigint, occurred_date date, filtered_date date, holds_from date, holds_until date, received_date date, counted_for varchar, part_version ubigint, matches bigint,
        amount decimal(38, 6), seconds decimal(38, 6), value decimal(38, 6), last_event_at timestamp",
    'lead_score_history': "as_of_date date not null, model_id varchar not null, contact_id varchar not null, account_id varchar, status varchar not null, status_reason varchar, score decimal(18, 4),
        behavioural_score decimal(18, 4), demographic_score decimal(18, 4), band varchar, behavioural_band varchar, demographic_band varchar,
        grade varchar, priority integer, band_since date, conversion_probability decimal(18, 6), rules_version varchar not null, bands_on varchar, next_action varchar",
    'lead_score_changes': "as_of_date date not null, previous_as_of_date date not null, model_id varchar not null, contact_id varchar not null, from_status varchar, to_status varchar not null,
        from_band varchar, to_band varchar, from_grade varchar, to_grade varchar, from_score decimal(18, 4), to_score decimal(18, 4), from_band_since date, priority integer, next_action varchar,
        run_at timestamp",
    'account_score_history': "as_of_date date not null, model_id varchar not null, account_id varchar not null, score decimal(18, 4), band varchar, band_since date, contacts bigint not null,
        scored_contacts bigint not null, breadth bigint, rules_version varchar not null, bands_on varchar",
    'crm_sync': "sync_key varchar not null, model_id varchar not null, contact_id varchar, account_id varchar, status varchar, status_reason varchar, score decimal(18, 4),
        behavioural_score decimal(18, 4), demographic_score decimal(18, 4), band varchar, behavioural_band varchar, demographic_band varchar, grade varchar, priority integer,
        next_action varchar, reason_1 varchar, reason_2 varchar, reason_3 varchar, stage varchar, account_score decimal(18, 4), account_band varchar,
        is_deleted boolean not null, merged_into varchar, row_hash varchar not null, changed_at timestamp not null",
    'run_log': "run_id varchar, started_at timestamp, finished_at timestamp, seconds decimal(18, 1), outcome varchar, exit_code integer, message varchar"
}) }}
{%- endmacro -%}

{#- A table by its name, also with --empty, where dbt would use a query without rows. -#}
{%- macro whole(relation) -%}
{{ return(api.Relation.create(database=relation.database, schema=relation.schema, identifier=relation.identifier, type='table')) }}
{%- endmacro -%}
