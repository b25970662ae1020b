{#- A double, as DuckDB divides. -#}
{%- macro as_double(value) -%}cast({{ value }} as double precision){%- endmacro -%}

{%- macro postgres__quotient(numerator, denominator) -%}({{ as_double(numerator) }} / {{ as_double(denominator) }}){%- endmacro -%}
{%- macro postgres__product(amount, factor) -%}(cast({{ amount }} as decimal(28, 6)) * {{ factor }}){%- endmacro -%}
{%- macro postgres__weighted(points, weight) -%}({{ points }} * {{ weight }}){%- endmacro -%}

{#- div gives whole numbers without an intermediate rounding. -#}
{%- macro postgres__divided(numerator, denominator) -%}
(div(2000000 * cast({{ numerator }} as numeric) + {{ denominator }}, 2 * cast({{ denominator }} as numeric)) * 0.000001)
{%- endmacro -%}

{%- macro postgres__fraction(numerator, denominator) -%}
(div(2000000000000 * cast({{ numerator }} as numeric) + ({{ denominator }}), nullif(2 * cast({{ denominator }} as numeric), 0)) * 0.000000000001)
{%- endmacro -%}

{%- macro postgres__as_percent(part, whole) -%}
(div(20000 * cast({{ part }} as numeric) + {{ whole }}, 2 * cast({{ whole }} as numeric)) * 0.01)
{%- endmacro -%}

{%- macro postgres__floor_divided(numerator, denominator) -%}
cast(least(div(cast({{ numerator }} as numeric), cast({{ denominator }} as numeric)), 1000000000) as integer)
{%- endmacro -%}

{%- macro postgres__whole_divided(numerator, denominator) -%}
div(cast({{ numerator }} as numeric), cast({{ denominator }} as numeric))
{%- endmacro -%}

{#- Postgres refuses a power too small for a double, which rounds to 0 long before. -#}
{%- macro postgres__halved_by_age(age, half_life) -%}
{{ postgres__as_rounded('power(' ~ as_double(0.5) ~ ', least(' ~ as_double(age) ~ ' / ' ~ as_double(half_life) ~ ', 1000))', 6) }}
{%- endmacro -%}

{%- macro postgres__reduced_by_steps(percent, steps) -%}
{%- set share = '(1 - ' ~ as_double(percent) ~ ' / 100)' -%}
{{ postgres__as_rounded('power(' ~ share ~ ', least(' ~ steps ~ ', case when ' ~ share ~ ' < 1 and ' ~ share ~ ' > 0 then -40 / ln(' ~ share ~ ') else ' ~ steps ~ ' end))', 6) }}
{%- endmacro -%}

{%- macro postgres__log2_of(value) -%}{{ postgres__as_rounded('ln(' ~ as_double(value) ~ ') / ln(' ~ as_double(2) ~ ')', 6) }}{%- endmacro -%}
{%- macro postgres__log_of(value) -%}{{ postgres__as_rounded('ln(' ~ as_double(value) ~ ')', 9) }}{%- endmacro -%}
{%- macro postgres__root_of(value) -%}{{ postgres__as_rounded('sqrt(' ~ as_double(value) ~ ')', 9) }}{%- endmacro -%}
{%- macro postgres__two_sided_tail(value) -%}{{ postgres__as_rounded(tail_formula('least(' ~ as_double(value) ~ ', 30)'), 9) }}{%- endmacro -%}

{%- macro postgres__number_text(value) -%}
regexp_replace(cast(cast({{ value }} as decimal(38, 6)) as text), '\.?0+$', '')
{%- endmacro -%}

{%- macro postgres__count_text(value) -%}to_char(cast({{ value }} as bigint), 'FM9,999,999,999,999,999,990'){%- endmacro -%}

{%- macro postgres__signed_text(value) -%}
(case when {{ postgres__as_rounded(value, 1) }} < 0 then '-' else '+' end || cast(abs({{ postgres__as_rounded(value, 1) }}) as text))
{%- endmacro -%}
