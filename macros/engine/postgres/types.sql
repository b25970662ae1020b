{%- macro postgres__read_text(value) -%}{{ engine_function('read_text') }}({{ value }}){%- endmacro -%}
{%- macro postgres__read_amount(value) -%}{{ engine_function('read_decimal') }}({{ value }}, 12, 6){%- endmacro -%}
{%- macro postgres__read_points(value) -%}{{ engine_function('read_decimal') }}({{ seed_number(value) }}, 8, 4){%- endmacro -%}
{%- macro postgres__read_factor(value) -%}{{ engine_function('read_decimal') }}({{ seed_number(value) }}, 4, 4){%- endmacro -%}
{%- macro postgres__read_whole(value) -%}{{ engine_function('read_whole') }}({{ seed_number(value) }}){%- endmacro -%}
{#- DuckDB also reads " 7" and "1_000"; amounts of raw tables refuse them. -#}
{%- macro seed_number(value) -%}{{ engine_function('seed_number') }}(cast({{ value }} as text)){%- endmacro -%}

{%- macro postgres__read_date(value) -%}{{ engine_function('read_date') }}({{ value }}){%- endmacro -%}
{%- macro postgres__read_timestamp(value) -%}{{ engine_function('read_timestamp') }}({{ value }}){%- endmacro -%}
{%- macro postgres__as_text(value) -%}cast({{ value }} as text){%- endmacro -%}
{%- macro postgres__as_date(value) -%}cast({{ value }} as date){%- endmacro -%}
{%- macro postgres__as_count(value) -%}cast({{ value }} as bigint){%- endmacro -%}
{%- macro postgres__as_wide_whole(value) -%}cast({{ value }} as decimal(38, 0)){%- endmacro -%}
{%- macro postgres__as_whole(value) -%}cast({{ engine_function('rounded') }}({{ value }}, 0) as integer){%- endmacro -%}
{%- macro postgres__whole_part(value) -%}cast(trunc({{ value }}) as bigint){%- endmacro -%}
{%- macro postgres__as_rounded(value, decimals) -%}cast({{ engine_function('rounded') }}({{ value }}, {{ decimals }}) as decimal(24, {{ decimals }})){%- endmacro -%}

{#- Rounded half away from zero, clamped to 18 digits. -#}
{%- macro clamped(value, decimals, limit) -%}
case
    when {{ value }} is not null
        then cast(greatest(least({{ engine_function('rounded') }}({{ value }}, {{ decimals }}), {{ limit }}), -{{ limit }}) as decimal(18, {{ decimals }}))
end
{%- endmacro -%}
{%- macro postgres__as_amount(value) -%}{{ clamped(value, 6, '999999999999.999999') }}{%- endmacro -%}
{%- macro postgres__as_points(value) -%}{{ clamped(value, 4, '99999999999999.9999') }}{%- endmacro -%}
{%- macro postgres__as_contribution(value) -%}{{ clamped(value, 4, '999999999999.9999') }}{%- endmacro -%}
