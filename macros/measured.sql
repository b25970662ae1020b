{#- Amount of an event for a signal: 1, or its amount in units. Each event is rounded before summing. -#}
{%- macro measured(events, signals) -%}
case
    when {{ signals }}.measure = 'events' then 1
    when {{ signals }}.measure = 'duration_seconds' and {{ signals }}.unit = 1 then greatest(coalesce({{ events }}.duration_seconds, 0), 0)
    when {{ signals }}.measure = 'duration_seconds'
        then {{ divided('greatest(coalesce(' ~ events ~ '.duration_seconds, 0), 0)', signals ~ '.unit') }}
    when {{ signals }}.unit = 1 then greatest(coalesce({{ events }}.value, 0), 0)
    else {{ divided('greatest(coalesce(' ~ events ~ '.value, 0), 0)', signals ~ '.unit') }}
end
{%- endmacro -%}
