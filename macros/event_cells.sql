{#- All cells of a raw event: if one changes, its day is read again. -#}
{%- macro event_cells() -%}
{{ return([
    'event_id', 'contact_id', 'anonymous_id', 'event_type', 'channel', 'campaign', 'page_url', 'object_id', 'duration_seconds', 'value', 'properties',
    'occurred_at', 'received_at', 'rejected_because', 'raw_duration_seconds', 'raw_value', 'raw_occurred_at', 'raw_received_at'
]) }}
{%- endmacro -%}
