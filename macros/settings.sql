{#-
    Value of a setting, as text: the dbt var, else the environment variable LEAD_SCORING_<NAME>, else the default here (docs/settings.md).
    YAML reads yes as true and 2026-01-31 as a date; both are converted back to text.
-#}
{%- macro setting(name) -%}
{%- set defaults = {
    'as_of': '',
    'evaluate': '0',
    'forget': '',
    'ledger': 'latest',
    'keep_history_days': '',
    'drop_history': 'no',
    'max_rejected_percent': '25',
    'max_lost_percent': '5',
    'allow_lost_rows': 'no',
    'raw_keeps_days': '',
    'publish_email': 'no',
    'erased_now': '',
    'run_date': '',
    'run_id': '',
    'run_at': ''
} -%}
{%- set value = var(name, env_var('LEAD_SCORING_' ~ name | upper, defaults[name])) -%}
{{- 'yes' if value is true else 'no' if value is false else value -}}
{%- endmacro -%}

{#- Runs before every dbt command that builds. An unreadable setting stops the run before anything is built. -#}
{%- macro check_settings() -%}
{%- if execute -%}
    {#- dbt writes the executed SQL of a seed to target/run/ plus the seed's path. With an absolute path that is the seed itself, which
        would be overwritten (docs/decisions/rules-are-copied.md). -#}
    {%- if modules.re.match('/|[A-Za-z]:', env_var('LEAD_SCORING_RULES', 'seeds')) -%}
        {{ exceptions.raise_compiler_error(
            "LEAD_SCORING_RULES must be a folder inside the project, given relative to it; scripts/build.py --rules takes any folder"
        ) }}
    {%- endif -%}
    {%- set date = '[0-9]{4}-[0-9]{2}-[0-9]{2}' -%}
    {%- set dates = date ~ '([.][.]' ~ date ~ '(/[1-9][0-9]*)?)?' -%}
    {%- set percent = ['[0-9]+([.][0-9]+)?(e-[0-9]+)?', 'a number of percent, such as 25'] -%}
    {%- set days = ['[0-9]{0,6}', 'a number of days, or empty'] -%}
    {%- set yes_or_no = ['yes|no', 'yes or no'] -%}
    {%- set checks = {
        'as_of': ['(' ~ dates ~ '(,' ~ dates ~ ')*)?', 'dates such as 2026-01-31 or 2026-01-01..2026-01-31/7, separated by commas, or empty'],
        'forget': ['(' ~ dates ~ '(,' ~ dates ~ ')*)?', 'dates such as 2026-01-31 or 2026-01-01..2026-01-31/7, separated by commas, or empty'],
        'evaluate': ['[0-9]{1,3}', 'a number of weeks'],
        'ledger': ['latest|all', 'latest or all'],
        'keep_history_days': days,
        'raw_keeps_days': days,
        'max_rejected_percent': percent,
        'max_lost_percent': percent,
        'drop_history': yes_or_no,
        'allow_lost_rows': yes_or_no,
        'publish_email': yes_or_no,
        'erased_now': ['[0-9]*', 'a number of contacts, or empty for all of raw.erasures'],
        'run_date': ['(' ~ date ~ ')?', 'a date such as 2026-01-31, or empty for no limit to the default as-of date']
    } -%}
    {%- for name, check in checks.items() if not modules.re.fullmatch(check[0], setting(name)) -%}
        {{ exceptions.raise_compiler_error(
            "The setting " ~ name ~ " (LEAD_SCORING_" ~ name | upper ~ ") must be " ~ check[1] ~ "; it is " ~ setting(name)
        ) }}
    {%- endfor -%}
{%- endif -%}
{%- endmacro -%}

{#- UTC time at which the run started, as in its record (scoring_runs). -#}
{%- macro run_time() -%}
{{ read_timestamp("'" ~ (setting('run_at') or run_started_at.strftime('%Y-%m-%d %H:%M:%S.%f')) ~ "'") }}
{%- endmacro -%}
