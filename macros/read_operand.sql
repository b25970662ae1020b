{#-
    Operand of a condition on an event property. equals, not_equals, in and not_in compare amounts as numbers: event_property gives them in their
    shortest form, so a 99.90 of the rule is 99.9 too.
-#}
{%- macro read_operand(property, comparison, operand) -%}
case
    when lower({{ read_text(property) }}) in ('duration_seconds', 'value') and {{ read_text(comparison) }} in ('equals', 'not_equals', 'in', 'not_in')
        then {{ shortest_items(read_text(operand)) }}
    else {{ read_text(operand) }}
end
{%- endmacro -%}
