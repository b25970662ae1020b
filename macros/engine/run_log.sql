{#-
    Log of plain dbt runs: on-run-start creates the table, on-run-end adds a row. scripts/build.py records its own
    runs, because it also knows what happened before and after dbt.
-#}
{%- macro create_run_log() -%}
{%- if execute and adapter.type() != 'spark' -%}
    {{ adapter.dispatch('create_if_missing', 'lead_scoring')(run_log(), adapter.dispatch('previous_columns', 'lead_scoring')()['run_log']) }}
    {{ adapter.dispatch('create_runs', 'lead_scoring')() }}
{%- endif -%}
{%- endmacro -%}

{#- The runs of scripts/build.py are lines of a file. -#}
{%- macro duckdb__create_runs() -%}{%- endmacro -%}
{%- macro run_log() -%}{{ return(whole(last_built(source('kept', 'run_log'), beside='int_signal_days'))) }}{%- endmacro -%}

{#- Failed nodes by name and status only: database messages may quote personal data. -#}
{%- macro record_run(results) -%}
{%- if execute and adapter.type() != 'spark' and flags.WHICH in ('build', 'run', 'retry') and not flags.EMPTY and not setting('run_id') -%}
    {%- set failed = [] -%}
    {%- for result in results if result.status in ('error', 'fail') -%}
        {%- do failed.append(result.node.name ~ ': ' ~ result.status) -%}
    {%- endfor -%}
    {%- set now = modules.datetime.datetime.now(modules.pytz.utc) %}
insert into {{ run_log() }}
values (
    '{{ invocation_id | replace("-", "") }}',
    '{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S.%f") }}',
    '{{ now.strftime("%Y-%m-%d %H:%M:%S.%f") }}',
    {{ (now - run_started_at).total_seconds() | round(1) }},
    '{{ 'failed' if failed else 'built by dbt' }}',
    {{ 1 if failed else 0 }},
    nullif('{{ failed | join('; ') }}', '')
);
{%- endif -%}
{%- endmacro -%}
