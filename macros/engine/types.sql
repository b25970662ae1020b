{#- Types of raw text. read_* gives null for unreadable values; as_* is for valid values. -#}

{%- macro read_text(value) -%}{{ adapter.dispatch('read_text', 'lead_scoring')(value) }}{%- endmacro -%}
{%- macro read_amount(value) -%}{{ adapter.dispatch('read_amount', 'lead_scoring')(value) }}{%- endmacro -%}
{%- macro read_points(value) -%}{{ adapter.dispatch('read_points', 'lead_scoring')(value) }}{%- endmacro -%}
{%- macro read_factor(value) -%}{{ adapter.dispatch('read_factor', 'lead_scoring')(value) }}{%- endmacro -%}
{%- macro read_whole(value) -%}{{ adapter.dispatch('read_whole', 'lead_scoring')(value) }}{%- endmacro -%}
{%- macro read_date(value) -%}{{ adapter.dispatch('read_date', 'lead_scoring')(value) }}{%- endmacro -%}
{%- macro read_timestamp(value) -%}{{ adapter.dispatch('read_timestamp', 'lead_scoring')(value) }}{%- endmacro -%}
{%- macro as_text(value) -%}{{ adapter.dispatch('as_text', 'lead_scoring')(value) }}{%- endmacro -%}
{%- macro as_date(value) -%}{{ adapter.dispatch('as_date', 'lead_scoring')(value) }}{%- endmacro -%}
{%- macro as_wide_whole(value) -%}{{ adapter.dispatch('as_wide_whole', 'lead_scoring')(value) }}{%- endmacro -%}
{%- macro as_count(value) -%}{{ adapter.dispatch('as_count', 'lead_scoring')(value) }}{%- endmacro -%}
{%- macro as_whole(value) -%}{{ adapter.dispatch('as_whole', 'lead_scoring')(value) }}{%- endmacro -%}
{%- macro whole_part(value) -%}{{ adapter.dispatch('whole_part', 'lead_scoring')(value) }}{%- endmacro -%}
{%- macro as_rounded(value, decimals) -%}{{ adapter.dispatch('as_rounded', 'lead_scoring')(value, decimals) }}{%- endmacro -%}
{%- macro as_amount(value) -%}{{ adapter.dispatch('as_amount', 'lead_scoring')(value) }}{%- endmacro -%}
{%- macro as_contribution(value) -%}{{ adapter.dispatch('as_contribution', 'lead_scoring')(value) }}{%- endmacro -%}
{%- macro as_points(value) -%}{{ adapter.dispatch('as_points', 'lead_scoring')(value) }}{%- endmacro -%}

{#-
    Text; empty text is missing, as is nan in a numeric column (pandas writes missing numbers so). Numbers are in their shortest
    form, because some sources write 3.0 for 3.
-#}
{%- macro duckdb__read_text(value) -%}
nullif(
    case
        when typeof({{ value }}) in ('DOUBLE', 'FLOAT') or typeof({{ value }}) like 'DECIMAL%'
            then {{ duckdb__shortest_number('cast(' ~ value ~ ' as varchar)') }}
        else cast({{ value }} as varchar)
    end,
    ''
)
{%- endmacro -%}

{#- Text of a number without zeros at its end; empty for nan. -#}
{%- macro duckdb__shortest_number(text) -%}
regexp_replace(regexp_replace({{ text }}, '\.0+$|(\.\d*[1-9])0+$', '\1'), '^nan$', '', 'i')
{%- endmacro -%}

{#-
    Seconds, money, units, limits: 6 decimals, below 10^12. Text must be a plain number such as -12.5 or 1e3:
    DuckDB alone would also read " 7" and "1_000".
-#}
{%- macro duckdb__read_amount(value) -%}
case
    when
        typeof({{ value }}) <> 'VARCHAR'
        or regexp_full_match(cast({{ value }} as varchar), '[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?')
        then try_cast({{ value }} as decimal(18, 6))
end
{%- endmacro -%}

{#- Points in a rule: 4 decimals, below 10^8, so that weight * points * amount fits 38 digits exactly. -#}
{%- macro duckdb__read_points(value) -%}
try_cast({{ value }} as decimal(12, 4))
{%- endmacro -%}

{#- Weights: 4 decimals, below 10^4. -#}
{%- macro duckdb__read_factor(value) -%}
try_cast({{ value }} as decimal(8, 4))
{%- endmacro -%}

{%- macro duckdb__read_whole(value) -%}
try_cast({{ value }} as integer)
{%- endmacro -%}

{#- A date such as 2024-06-30; DuckDB's cast also accepts "infinity" and "epoch". -#}
{%- macro duckdb__read_date(value) -%}
case when regexp_full_match(cast({{ value }} as varchar), '\d{4}-\d{2}-\d{2}') then try_cast({{ value }} as date) end
{%- endmacro -%}

{#-
    UTC. Text may have an offset, which only timestamptz reads (the session's time zone is UTC). That is slow, so columns of
    type timestamp skip it. Absurd years (20225, infinity) are not read. Nanoseconds are truncated, as in text: a cast would round
    the last one of a day to the next day.
-#}
{%- macro duckdb__read_timestamp(value) -%}
case
    when
        typeof({{ value }}) = 'TIMESTAMP'
        and try_cast({{ value }} as timestamp) between timestamp '1900-01-01' and timestamp '2199-12-31'
        then try_cast({{ value }} as timestamp)
    when
        typeof({{ value }}) = 'TIMESTAMP_NS'
        and try_cast({{ value }} as timestamp) between timestamp '1900-01-01' and timestamp '2199-12-31'
        then make_timestamp(epoch_ns(try_cast({{ value }} as timestamp_ns)) // 1000)
    when
        typeof({{ value }}) not in ('TIMESTAMP', 'TIMESTAMP_NS')
        -- No time zone has an offset of 15 hours or more.
        and not regexp_matches(cast({{ value }} as varchar), ':\d{2}(\.\d+)?\s*[+-](1[5-9]|[2-9]\d)')
        and try_cast({{ value }} as timestamptz) between timestamptz '1900-01-01' and timestamptz '2199-12-31'
        then cast(try_cast({{ value }} as timestamptz) as timestamp)
end
{%- endmacro -%}

{%- macro duckdb__as_text(value) -%}
cast({{ value }} as varchar)
{%- endmacro -%}

{%- macro duckdb__as_date(value) -%}
cast({{ value }} as date)
{%- endmacro -%}

{%- macro duckdb__as_count(value) -%}
cast({{ value }} as bigint)
{%- endmacro -%}

{#- A whole number wide enough for sums over all rows. -#}
{%- macro duckdb__as_wide_whole(value) -%}
cast({{ value }} as hugeint)
{%- endmacro -%}

{#- A whole number, half away from zero. -#}
{%- macro duckdb__as_whole(value) -%}
cast(round({{ value }}, 0) as integer)
{%- endmacro -%}

{#- 6 decimals, half away from zero, clamped to 18 digits. -#}
{%- macro duckdb__as_amount(value) -%}
cast(
    case
        when {{ value }} >= 999999999999.999999 then 999999999999.999999
        when {{ value }} <= -999999999999.999999 then -999999999999.999999
        else round({{ value }}, 6)
    end
    as decimal(18, 6)
)
{%- endmacro -%}

{#- 4 decimals, half away from zero, clamped to 18 digits. -#}
{%- macro duckdb__as_points(value) -%}
cast(
    case
        when {{ value }} >= 99999999999999.9999 then 99999999999999.9999
        when {{ value }} <= -99999999999999.9999 then -99999999999999.9999
        else round({{ value }}, 4)
    end
    as decimal(18, 4)
)
{%- endmacro -%}

{#-
    Points of one rule, below 10^12, so that the sum of a hundred rules at that limit fits as_points and the ledger sums to the
    score (law 1).
-#}
{%- macro duckdb__as_contribution(value) -%}
cast(
    case
        when {{ value }} >= 999999999999.9999 then 999999999999.9999
        when {{ value }} <= -999999999999.9999 then -999999999999.9999
        else round({{ value }}, 4)
    end
    as decimal(18, 4)
)
{%- endmacro -%}

{#- A number without its decimals. -#}
{%- macro duckdb__whole_part(value) -%}
cast(trunc({{ value }}) as bigint)
{%- endmacro -%}

{#- A statistic with a number of decimals, half away from zero. -#}
{%- macro duckdb__as_rounded(value, decimals) -%}
cast(round({{ value }}, {{ decimals }}) as decimal(24, {{ decimals }}))
{%- endmacro -%}

{#- A time without an offset, of a time zone, as UTC; one that carries an offset is read as it is. -#}
{%- macro read_local_timestamp(value, zone) -%}{{ adapter.dispatch('read_local_timestamp', 'lead_scoring')(value, zone) }}{%- endmacro -%}
{#- The last microsecond of a date in a time zone, as UTC. A time of day is kept; it is UTC, or of the zone where times are local. -#}
{%- macro local_day_end(value, zone, times_are_local) -%}
{{ adapter.dispatch('local_day_end', 'lead_scoring')(value, zone, times_are_local) }}
{%- endmacro -%}

{%- macro duckdb__read_local_timestamp(value, zone) -%}
case
    when typeof({{ value }}) = 'TIMESTAMP WITH TIME ZONE' or regexp_matches(cast({{ value }} as varchar), '(Z|UTC|:\d{2}(\.\d+)?\s*[+-]\d{2}(:?\d{2})?)$')
        then {{ read_timestamp(value) }}
    else timezone('UTC', timezone('{{ zone }}', {{ read_timestamp(value) }}))
end
{%- endmacro -%}

{#-
    The day after begins at its own midnight, which is 23 or 25 hours away when clocks change. A source whose times are UTC may write a date as
    midnight UTC; where times are local, an offset makes it a time.
-#}
{%- macro duckdb__local_day_end(value, zone, times_are_local) -%}
{%- set offset = '' if times_are_local else '\\s*(Z|UTC|[+-]00(:?00)?)?' -%}
case
    when regexp_full_match(cast({{ value }} as varchar), '\d{4}-\d{2}-\d{2}([ T]00:00:00(\.0+)?{{ offset }})?')
        then timezone('UTC', timezone('{{ zone }}', {{ read_timestamp(value) }} + interval 1 day)) - interval 1 microsecond
    else {{ duckdb__read_local_timestamp(value, zone) if times_are_local else read_timestamp(value) }}
end
{%- endmacro -%}

{#- A time that is written as a number of parts of a second since 1970; null where it is none. -#}
{%- macro epoch_time(value, parts_of_second) -%}{{ adapter.dispatch('epoch_time', 'lead_scoring')(value, parts_of_second) }}{%- endmacro -%}

{%- macro duckdb__epoch_time(value, parts_of_second) -%}
make_timestamp(try_cast({{ value }} as bigint) * {{ 1000000 // parts_of_second }})
{%- endmacro -%}
