{%- macro spark__shortest_number(text) -%}
regexp_replace(regexp_replace({{ text }}, r'\.0+$|(\.\d*[1-9])0+$', '$1'), '^(?i)nan$', '')
{%- endmacro -%}

{#- Spark writes a double of 10^7 or more as 1.0E7. -#}
{%- macro spark__read_text(value) -%}
{%- set plain = "coalesce(cast(try_cast(cast(" ~ value ~ " as string) as decimal(38, 12)) as string), cast(" ~ value ~ " as string))" -%}
nullif(
    case
        when typeof({{ value }}) in ('double', 'float') or typeof({{ value }}) like 'decimal%' then {{ spark__shortest_number(plain) }}
        else cast({{ value }} as string)
    end,
    ''
)
{%- endmacro -%}

{%- macro spark__read_amount(value) -%}
case
    when typeof({{ value }}) <> 'string' or regexp_like(cast({{ value }} as string), r'^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$')
        then try_cast({{ value }} as decimal(18, 6))
end
{%- endmacro -%}

{#- DuckDB also reads 1_000, and rounds 2.5. -#}
{%- macro spark__read_whole(value) -%}
try_cast(round(try_cast(replace(trim(cast({{ value }} as string)), '_', '') as decimal(38, 6)), 0) as int)
{%- endmacro -%}

{%- macro spark__as_text(value) -%}cast({{ value }} as string){%- endmacro -%}
{%- macro spark__as_date(value) -%}cast({{ value }} as date){%- endmacro -%}
{%- macro spark__as_count(value) -%}cast({{ value }} as bigint){%- endmacro -%}

{#-
    Times have no zone and are UTC. Of texts only those are read that DuckDB reads: Spark alone would read 2024 and 10:00 too. 24:00 is the next day's begin.
-#}
{%- macro spark__read_timestamp(value) -%}
{%- set text = "cast(" ~ value ~ " as string)" -%}
{%- set plain = "regexp_replace(regexp_replace(regexp_replace(trim(" ~ text ~ "), '/', '-'), ' UTC$', 'Z'), r'(\\.\\d{6})\\d+', '$1')" -%}
{%- set midnight = "regexp_like(" ~ text ~ ", '[ T]24:00(:00([.]0+)?)?($|[^0-9.:])')" -%}
{%- set read -%}
case
    when typeof({{ value }}) = 'timestamp_ntz' then try_cast({{ value }} as timestamp_ntz)
    when typeof({{ value }}) in ('timestamp', 'date') then cast(try_cast({{ value }} as timestamp_ltz) as timestamp_ntz)
    when
        regexp_like({{ text }}, r'^\s*\d{4}[-/]\d{1,2}[-/]\d{1,2}(( +|T)\d{1,2}:\d{1,2}(:[0-5]?\d(\.\d+)?)?(Z| UTC|[+-]\d{2}(:?\d{2}(:\d{2})?)?)?)?$')
        and not regexp_like({{ text }}, r':\d{2}(\.\d+)?\s*[+-](1[5-9]|[2-9]\d)')
        then
            cast(try_cast(regexp_replace(regexp_replace({{ plain }}, r'^(\S+) +', '$1 '), '([ T])24:00', case when {{ midnight }} then '$100:00' else '$124:00' end) as timestamp_ltz) as timestamp_ntz)
            + case when {{ midnight }} then interval '1' day else interval '0' day end
end
{%- endset -%}
case when {{ read }} between timestamp_ntz '1900-01-01' and timestamp_ntz '2199-12-31' then {{ read }} end
{%- endmacro -%}
