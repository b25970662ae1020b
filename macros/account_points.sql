{#- total / number, to 4 decimals, half away from zero; the total has at most 4 decimals, the number is whole and above 0. -#}
{%- macro mean_of(total, number) -%}
{%- set doubled = '2 * ' ~ as_wide_whole(product('abs(' ~ total ~ ')', '10000')) ~ ' + ' ~ number -%}
(case when {{ total }} < 0 then -1 else 1 end * {{ product(whole_divided(doubled, '2 * ' ~ number), '0.0001') }})
{%- endmacro -%}

{#- Points that so many breadth values give together. -#}
{%- macro breadth_points(number) -%}
least({{ product('models.breadth_points', number) }}, coalesce(models.max_breadth_points, {{ product('models.breadth_points', number) }}))
{%- endmacro -%}
