{#- Arithmetic with the same digits on every engine: rounded half away from zero, exact decimals. -#}

{%- macro product(amount, factor) -%}{{ adapter.dispatch('product', 'lead_scoring')(amount, factor) }}{%- endmacro -%}
{%- macro divided(numerator, denominator) -%}{{ adapter.dispatch('divided', 'lead_scoring')(numerator, denominator) }}{%- endmacro -%}
{%- macro quotient(numerator, denominator) -%}{{ adapter.dispatch('quotient', 'lead_scoring')(numerator, denominator) }}{%- endmacro -%}
{%- macro fraction(numerator, denominator) -%}{{ adapter.dispatch('fraction', 'lead_scoring')(numerator, denominator) }}{%- endmacro -%}
{%- macro floor_divided(numerator, denominator) -%}{{ adapter.dispatch('floor_divided', 'lead_scoring')(numerator, denominator) }}{%- endmacro -%}
{%- macro whole_divided(numerator, denominator) -%}{{ adapter.dispatch('whole_divided', 'lead_scoring')(numerator, denominator) }}{%- endmacro -%}

{%- macro halved_by_age(age, half_life) -%}{{ adapter.dispatch('halved_by_age', 'lead_scoring')(age, half_life) }}{%- endmacro -%}
{%- macro reduced_by_steps(percent, steps) -%}{{ adapter.dispatch('reduced_by_steps', 'lead_scoring')(percent, steps) }}{%- endmacro -%}
{%- macro weighted(points, weight) -%}{{ adapter.dispatch('weighted', 'lead_scoring')(points, weight) }}{%- endmacro -%}
{%- macro log_of(value) -%}{{ adapter.dispatch('log_of', 'lead_scoring')(value) }}{%- endmacro -%}
{%- macro root_of(value) -%}{{ adapter.dispatch('root_of', 'lead_scoring')(value) }}{%- endmacro -%}
{%- macro two_sided_tail(value) -%}{{ adapter.dispatch('two_sided_tail', 'lead_scoring')(value) }}{%- endmacro -%}
{%- macro log2_of(value) -%}{{ adapter.dispatch('log2_of', 'lead_scoring')(value) }}{%- endmacro -%}
{%- macro number_text(value) -%}{{ adapter.dispatch('number_text', 'lead_scoring')(value) }}{%- endmacro -%}
{%- macro count_text(value) -%}{{ adapter.dispatch('count_text', 'lead_scoring')(value) }}{%- endmacro -%}
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

{#- The same for a numerator that may be negative. -#}
{%- macro signed_divided(numerator, denominator) -%}
case when {{ numerator }} < 0 then -1 else 1 end * {{ divided('abs(' ~ numerator ~ ')', denominator) }}
{%- endmacro -%}

{#- total / number, to 4 decimals, half away from zero; the total has at most 4 decimals, the number is whole and above 0. -#}
{%- macro mean_of(total, number) -%}
{%- set doubled = '2 * ' ~ as_wide_whole(product('abs(' ~ total ~ ')', '10000')) ~ ' + ' ~ number -%}
(case when {{ total }} < 0 then -1 else 1 end * {{ product(whole_divided(doubled, '2 * ' ~ number), '0.0001') }})
{%- endmacro -%}

{#- numerator / denominator as a double. -#}
{%- macro duckdb__quotient(numerator, denominator) -%}
(({{ numerator }}) / ({{ denominator }}))
{%- endmacro -%}

{#- Whole number of times that the denominator fits into the numerator, at most 10^9; both non-negative with at most 6
    decimals. -#}
{%- macro duckdb__floor_divided(numerator, denominator) -%}
cast(
    least(cast({{ product(numerator, 1000000) }} as hugeint) // cast({{ product(denominator, 1000000) }} as hugeint), 1000000000)
    as integer
)
{%- endmacro -%}

{#- The same for two whole numbers. -#}
{%- macro duckdb__whole_divided(numerator, denominator) -%}
(({{ numerator }}) // ({{ denominator }}))
{%- endmacro -%}

{#-
    0.5 ^ (age / half_life), to 6 decimals. A double is exact for the one case that is a tie at the sixth decimal
    (0.5 ^ 7); every other result is either shorter or no tie.
-#}
{%- macro duckdb__halved_by_age(age, half_life) -%}
cast(round(pow(0.5, cast({{ age }} as double) / cast({{ half_life }} as double)), 6) as decimal(18, 6))
{%- endmacro -%}

{#- (1 - percent / 100) ^ steps, to 6 decimals; the only tie is 0.5 ^ 7, which a double holds. -#}
{%- macro duckdb__reduced_by_steps(percent, steps) -%}
cast(round(pow(1 - cast({{ percent }} as double) / 100, {{ steps }}), 6) as decimal(18, 6))
{%- endmacro -%}

{#- points * weight, exact: the points are a product and have 10 decimals, the weight has 4. -#}
{%- macro duckdb__weighted(points, weight) -%}
({{ points }} * {{ weight }})
{%- endmacro -%}

{#- Binary logarithm to 6 decimals; whole for powers of two, never a tie otherwise. -#}
{%- macro duckdb__log2_of(value) -%}
cast(round(log2(cast({{ value }} as double)), 6) as decimal(18, 6))
{%- endmacro -%}

{#- Shortest text of a decimal: 12.5, 10, never 10.00. -#}
{%- macro duckdb__number_text(value) -%}
regexp_replace(cast(cast({{ value }} as decimal(38, 6)) as varchar), '\.?0+$', '')
{%- endmacro -%}

{#- A whole number with separators: 1,234,567. -#}
{%- macro duckdb__count_text(value) -%}
format('{:,}', cast({{ value }} as bigint))
{%- endmacro -%}

{#- One decimal with its sign: +12.5, -3.0. -#}
{%- macro duckdb__signed_text(value) -%}
(
    case when round({{ value }}, 1) < 0 then '-' else '+' end
    || cast(cast(abs(round({{ value }}, 1)) as decimal(18, 1)) as varchar)
)
{%- endmacro -%}

{#- Percentage of a whole, to 2 decimals; both are whole numbers. -#}
{%- macro as_percent(part, whole) -%}{{ adapter.dispatch('as_percent', 'lead_scoring')(part, whole) }}{%- endmacro -%}

{%- macro duckdb__as_percent(part, whole) -%}
cast((2 * 10000 * cast({{ part }} as hugeint) + {{ whole }}) // (2 * {{ whole }}) as decimal(18, 0)) * cast(0.01 as decimal(3, 2))
{%- endmacro -%}

{#- numerator / denominator, both whole and not negative, to 12 decimals, half away from zero; null if the denominator is 0. -#}
{%- macro duckdb__fraction(numerator, denominator) -%}
cast(
    (2 * cast(1000000000000 as hugeint) * ({{ numerator }}) + ({{ denominator }})) // nullif(2 * cast({{ denominator }} as hugeint), 0) as decimal(26, 0)
) * cast(0.000000000001 as decimal(12, 12))
{%- endmacro -%}

{#- Statistics. Each double is rounded to 9 decimals at once, so sums do not depend on row order. -#}
{%- macro duckdb__log_of(value) -%}
cast(round(ln(cast({{ value }} as double)), 9) as decimal(18, 9))
{%- endmacro -%}

{%- macro duckdb__root_of(value) -%}
cast(round(sqrt(cast({{ value }} as double)), 9) as decimal(28, 9))
{%- endmacro -%}

{#-
    Two-sided p-value of a standard normal distance (not negative). Abramowitz and Stegun (1964), 26.2.17: within
    1.5e-7, and decreasing in the distance.
-#}
{%- macro tail_formula(z) -%}
{%- set t = '(1 / (1 + 0.2316419 * ' ~ z ~ '))' -%}
2 * 0.3989422804014327 * exp(-0.5 * {{ z }} * {{ z }}) * {{ t }}
* (0.319381530 + {{ t }} * (-0.356563782 + {{ t }} * (1.781477937 + {{ t }} * (-1.821255978 + {{ t }} * 1.330274429))))
{%- endmacro -%}

{%- macro duckdb__two_sided_tail(value) -%}
cast(round({{ tail_formula('least(cast(' ~ value ~ ' as double), 30)') }}, 9) as decimal(18, 9))
{%- endmacro -%}
