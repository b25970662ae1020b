{%- macro spark__product(amount, factor) -%}(cast({{ amount }} as decimal(28, 6)) * {{ factor }}){%- endmacro -%}

{#- Spark's division of decimals rounds; without the remainder it is exact. -#}
{%- macro spark__divided(numerator, denominator) -%}
{%- set whole, parts = "cast(2000000 * cast(" ~ numerator ~ " as decimal(20, 6)) + " ~ denominator ~ " as decimal(32, 6))", "cast(2 * " ~ denominator ~ " as decimal(20, 6))" -%}
(cast(({{ whole }} - {{ whole }} % {{ parts }}) / {{ parts }} as decimal(24, 0)) * cast(0.000001 as decimal(6, 6)))
{%- endmacro -%}
