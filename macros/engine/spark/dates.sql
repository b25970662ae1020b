{%- macro spark__add_days(date, days) -%}date_add({{ date }}, cast({{ days }} as integer)){%- endmacro -%}
{%- macro spark__add_time(timestamp, number, unit) -%}timestampadd({{ unit }}, {{ number }}, {{ timestamp }}){%- endmacro -%}
{%- macro spark__whole_numbers(count) -%}(select explode(sequence(0, {{ count }} - 1)) as number){%- endmacro -%}

{%- macro microseconds(timestamp) -%}unix_micros(cast({{ timestamp }} as timestamp_ltz)){%- endmacro -%}

{%- macro spark__seconds_between(earlier, later) -%}
(cast({{ microseconds(later) }} - {{ microseconds(earlier) }} as decimal(20, 0)) * cast(0.000001 as decimal(6, 6)))
{%- endmacro -%}
