{%- macro add_days(date, days) -%}{{ adapter.dispatch('add_days', 'lead_scoring')(date, days) }}{%- endmacro -%}
{%- macro add_time(timestamp, number, unit) -%}{{ adapter.dispatch('add_time', 'lead_scoring')(timestamp, number, unit) }}{%- endmacro -%}
{%- macro days_between(earlier, later) -%}{{ adapter.dispatch('days_between', 'lead_scoring')(earlier, later) }}{%- endmacro -%}
{%- macro seconds_between(earlier, later) -%}{{ adapter.dispatch('seconds_between', 'lead_scoring')(earlier, later) }}{%- endmacro -%}
{%- macro month_text(date) -%}{{ adapter.dispatch('month_text', 'lead_scoring')(date) }}{%- endmacro -%}
{%- macro whole_numbers(count) -%}{{ adapter.dispatch('whole_numbers', 'lead_scoring')(count) }}{%- endmacro -%}
{%- macro dates_of(list) -%}{{ adapter.dispatch('dates_of', 'lead_scoring')(list) }}{%- endmacro -%}

{%- macro duckdb__add_days(date, days) -%}
({{ date }} + cast({{ days }} as integer))
{%- endmacro -%}

{%- macro duckdb__add_time(timestamp, number, unit) -%}
({{ timestamp }} + interval ({{ number }}) {{ unit }})
{%- endmacro -%}

{#- Whole days from one date to another. -#}
{%- macro duckdb__days_between(earlier, later) -%}
cast({{ later }} - {{ earlier }} as integer)
{%- endmacro -%}

{#- Seconds with fraction: a gap of 30 minutes and a microsecond is over 30 minutes. -#}
{%- macro duckdb__seconds_between(earlier, later) -%}
(date_diff('microsecond', {{ earlier }}, {{ later }}) / 1000000.0)
{%- endmacro -%}

{#-
    Dates listed in a text such as "2017-06-30,2017-07-01..2017-07-31,2017-08-06..2017-12-31/7" (every seventh day): a table of one
    column, listed_date.
-#}
{%- macro duckdb__dates_of(list) -%}
(
    select cast(unnest(generate_series(
        cast(split_part(dates, '..', 1) as date),
        cast(case when contains(dates, '..') then split_part(dates, '..', 2) else dates end as date),
        to_days(coalesce(cast(nullif(split_part(item, '/', 2), '') as integer), 1))
    )) as date) as listed_date
    from (
        select
            item,
            trim(split_part(item, '/', 1)) as dates
        from (select unnest(string_split({{ list }}, ',')) as item)
    )
    where dates <> ''
) as listed_dates
{%- endmacro -%}

{#- Month of a date, such as 2024-06. -#}
{%- macro duckdb__month_text(date) -%}
strftime({{ date }}, '%Y-%m')
{%- endmacro -%}

{#- Whole numbers from 0 to count - 1: a table with one column, number. -#}
{%- macro duckdb__whole_numbers(count) -%}
(select unnest(range(cast({{ count }} as integer))) as number)
{%- endmacro -%}


{#- Runs before every dbt command that builds. Times are in UTC: another session time zone would shift days. -#}
{%- macro check_session() -%}{{ adapter.dispatch('check_session', 'lead_scoring')() }}{%- endmacro -%}

{%- macro duckdb__check_session() -%}
select case
    when
        cast(timestamp '2026-01-01' as timestamptz) <> timestamptz '2026-01-01 00:00:00+00'
        or cast(timestamp '2026-07-01' as timestamptz) <> timestamptz '2026-07-01 00:00:00+00'
        then error('lead_scoring reads times in UTC: set TimeZone to UTC in the settings of the profile (settings: {TimeZone: UTC})')
end
{%- endmacro -%}
