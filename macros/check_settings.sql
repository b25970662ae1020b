{#-
    Runs before every dbt command that builds. dbt writes the executed SQL of a seed to target/run/ plus the seed's
    path. With an absolute path that is the seed itself, which would be overwritten (docs/decisions/rules-are-copied.md).
-#}
{%- macro check_settings() -%}
{%- if execute and modules.re.match('/|[A-Za-z]:', env_var('LEAD_SCORING_RULES', 'seeds')) -%}
    {{ exceptions.raise_compiler_error(
        "LEAD_SCORING_RULES must be a folder inside the project, given relative to it; scripts/build.py --rules takes any folder"
    ) }}
{%- endif -%}
{%- if execute and not modules.re.fullmatch('[0-9]{0,6}', env_var('LEAD_SCORING_KEEP_HISTORY_DAYS', '') | string) -%}
    {{ exceptions.raise_compiler_error("The variable keep_history_days must be a number of days, or empty to keep all; it is " ~ env_var('LEAD_SCORING_KEEP_HISTORY_DAYS', '')) }}
{%- endif -%}
{%- if execute and not modules.re.fullmatch('([0-9]{4}-[0-9]{2}-[0-9]{2})?', env_var('LEAD_SCORING_RUN_DATE', '')) -%}
    {{ exceptions.raise_compiler_error("LEAD_SCORING_RUN_DATE must be a date such as 2026-01-31, or empty for no limit to the default as-of date; it is " ~ env_var('LEAD_SCORING_RUN_DATE', '')) }}
{%- endif -%}
{%- if execute and env_var('LEAD_SCORING_DROP_HISTORY', 'no') not in ('yes', 'no') -%}
    {{ exceptions.raise_compiler_error("LEAD_SCORING_DROP_HISTORY must be yes or no; it is " ~ env_var('LEAD_SCORING_DROP_HISTORY', 'no')) }}
{%- endif -%}
{%- endmacro -%}
