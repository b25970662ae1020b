{#- Event property of the rule, as text; null if the event or the rule has none. -#}
{%- macro event_property(events, property) -%}
case {{ property }}
    when 'channel' then {{ events }}.channel
    when 'campaign' then {{ events }}.campaign
    when 'page_url' then {{ events }}.page_url
    when 'object_id' then {{ events }}.object_id
    when 'duration_seconds' then {{ number_text(events ~ '.duration_seconds') }}
    when 'value' then {{ number_text(events ~ '.value') }}
    else {{ property_of(events ~ '.properties', property) }}
end
{%- endmacro -%}
