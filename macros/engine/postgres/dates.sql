{%- macro postgres__add_days(date, days) -%}({{ date }} + cast({{ days }} as integer)){%- endmacro -%}
{%- macro postgres__add_time(timestamp, number, unit) -%}({{ timestamp }} + ({{ number }}) * interval '1 {{ unit }}'){%- endmacro -%}
{%- macro postgres__days_between(earlier, later) -%}({{ later }} - {{ earlier }}){%- endmacro -%}
{%- macro postgres__seconds_between(earlier, later) -%}extract(epoch from {{ later }} - {{ earlier }}){%- endmacro -%}
{%- macro postgres__month_text(date) -%}to_char({{ date }}, 'YYYY-MM'){%- endmacro -%}
{%- macro postgres__whole_numbers(count) -%}(select number from generate_series(0, cast({{ count }} as integer) - 1) as numbers (number)){%- endmacro -%}

{%- macro postgres__dates_of(list) -%}
(
    select cast(days.day as date) as listed_date
    from string_to_table({{ list }}, ',') as items (item)
    cross join lateral (select trim(split_part(item, '/', 1)) as dates) as ranges
    cross join lateral generate_series(
        cast(split_part(dates, '..', 1) as timestamp),
        cast(case when dates like '%..%' then split_part(dates, '..', 2) else dates end as timestamp),
        coalesce(cast(nullif(split_part(item, '/', 2), '') as integer), 1) * interval '1 day'
    ) as days (day)
    where dates <> ''
) as listed_dates
{%- endmacro -%}
