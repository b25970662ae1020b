{#- Arithmetic that gives the same digits on every engine: rounded half away from zero, decimal where it matters. -#}

{%- macro product(amount, factor) -%}{{ adapter.dispatch('product', 'lead_scoring')(amount, factor) }}{%- endmacro -%}
{%- macro divided(numerator, denominator) -%}{{ adapter.dispatch('divided', 'lead_scoring')(numerator, denominator) }}{%- endmacro -%}
{%- macro floor_divided(numerator, denominator) -%}{{ adapter.dispatch('floor_divided', 'lead_scoring')(numerator, denominator) }}{%- endmacro -%}
{%- macro to_the_power(base, exponent) -%}{{ adapter.dispatch('to_the_power', 'lead_scoring')(base, exponent) }}{%- endmacro -%}
{%- macro log2_of(value) -%}{{ adapter.dispatch('log2_of', 'lead_scoring')(value) }}{%- endmacro -%}
{%- macro number_text(value) -%}{{ adapter.dispatch('number_text', 'lead_scoring')(value) }}{%- endmacro -%}
{%- macro signed_text(value) -%}{{ adapter.dispatch('signed_text', 'lead_scoring')(value) }}{%- endmacro -%}

{#-
    amount * factor, exact; the amount has at most 6 decimals. DuckDB gives two decimals of up to 18 digits a product of
    18 digits, which large amounts overflow; one wider operand makes it 38.
-#}
{%- macro duckdb__product(amount, factor) -%}
(cast({{ amount }} as decimal(28, 6)) * {{ factor }})
{%- endmacro -%}

{#-
    numerator / denominator, both non-negative with at most 6 decimals, to 6 decimals, half away from zero.
    DuckDB divides decimals as doubles, which loses ties (1 / 640 = 0.0015625); whole numbers do not.
-#}
{%- macro duckdb__divided(numerator, denominator) -%}
cast(
    (
        2 * 1000000 * cast({{ product(numerator, 1000000) }} as hugeint) + cast({{ product(denominator, 1000000) }} as hugeint)
    ) // (2 * cast({{ product(denominator, 1000000) }} as hugeint))
    as decimal(24, 0)
) * cast(0.000001 as decimal(6, 6))
{%- endmacro -%}

{#- Whole number of times that the denominator fits into the numerator; both non-negative with at most 6 decimals. -#}
{%- macro duckdb__floor_divided(numerator, denominator) -%}
cast(
    cast({{ product(numerator, 1000000) }} as hugeint) // cast({{ product(denominator, 1000000) }} as hugeint)
    as integer
)
{%- endmacro -%}

{#-
    base ^ exponent for 0 <= base <= 1, to 6 decimals. A double is exact for the one case that is a tie at the
    sixth decimal (0.5 ^ 7); every other result is either shorter or no tie.
-#}
{%- macro duckdb__to_the_power(base, exponent) -%}
cast(round(pow(cast({{ base }} as double), cast({{ exponent }} as double)), 6) as decimal(18, 6))
{%- endmacro -%}

{#- Binary logarithm to 6 decimals; whole for powers of two, never a tie otherwise. -#}
{%- macro duckdb__log2_of(value) -%}
cast(round(log2(cast({{ value }} as double)), 6) as decimal(18, 6))
{%- endmacro -%}

{#- The shortest text of a decimal: 12.5, 10, never 10.00. -#}
{%- macro duckdb__number_text(value) -%}
regexp_replace(cast(cast({{ value }} as decimal(38, 6)) as varchar), '\.?0+$', '')
{%- endmacro -%}

{#- One decimal with its sign: +12.5, -3.0. -#}
{%- macro duckdb__signed_text(value) -%}
(
    case when round({{ value }}, 1) < 0 then '-' else '+' end
    || cast(cast(abs(round({{ value }}, 1)) as decimal(18, 1)) as varchar)
)
{%- endmacro -%}

{#- A part of a whole in percent, to 2 decimals; both whole numbers. -#}
{%- macro as_percent(part, whole) -%}{{ adapter.dispatch('as_percent', 'lead_scoring')(part, whole) }}{%- endmacro -%}

{%- macro duckdb__as_percent(part, whole) -%}
cast((2 * 10000 * cast({{ part }} as hugeint) + {{ whole }}) // (2 * {{ whole }}) as decimal(18, 0)) * cast(0.01 as decimal(3, 2))
{%- endmacro -%}
