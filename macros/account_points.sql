{#- Points that so many breadth values give together. -#}
{%- macro breadth_points(number) -%}
least({{ product('models.breadth_points', number) }}, coalesce(models.max_breadth_points, {{ product('models.breadth_points', number) }}))
{%- endmacro -%}
