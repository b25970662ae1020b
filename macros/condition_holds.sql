{#-
    Whether a value satisfies a comparison: one line per row of contract/comparisons.csv. Case is ignored. A missing value
    satisfies only is_missing. less_than, at_least and between do not hold for text that is not a number.

    value:      SQL for a text, null if missing
    comparison: SQL for the comparison's name
    operand:    SQL for the operand's text
    lists:      reference lists, by default all: with few of them large tables are read faster
-#}
{%- macro condition_holds(value, comparison, operand, lists=none) -%}
coalesce(
    case {{ comparison }}
        when 'is_missing' then {{ value }} is null
        when 'is_present' then {{ value }} is not null
        when 'equals' then lower({{ value }}) = lower({{ operand }})
        when 'not_equals' then lower({{ value }}) <> lower({{ operand }})
        when 'in' then {{ is_in_list('lower(' ~ value ~ ')', 'lower(' ~ operand ~ ')') }}
        when 'not_in' then not {{ is_in_list('lower(' ~ value ~ ')', 'lower(' ~ operand ~ ')') }}
        when 'contains' then {{ contains_text('lower(' ~ value ~ ')', 'lower(' ~ operand ~ ')') }}
        when 'starts_with' then {{ starts_with_text('lower(' ~ value ~ ')', 'lower(' ~ operand ~ ')') }}
        when 'ends_with' then {{ ends_with_text('lower(' ~ value ~ ')', 'lower(' ~ operand ~ ')') }}
        when 'matches' then {{ finds_pattern(value, operand) }}
        when 'less_than' then {{ read_amount(value) }} < {{ read_amount(operand) }}
        when 'at_least' then {{ read_amount(value) }} >= {{ read_amount(operand) }}
        when 'between' then
            {{ read_amount(value) }} >= {{ read_amount(list_item(operand, 1)) }}
            and {{ read_amount(value) }} <= {{ read_amount(list_item(operand, 2)) }}
        when 'in_list' then {{ is_listed(value, operand, lists) }}
        when 'not_in_list' then {{ value }} is not null and not {{ is_listed(value, operand, lists) }}
        when 'has_item' then {{ is_in_list('lower(' ~ operand ~ ')', "replace(lower(" ~ value ~ "), ';', '|')") }}
    end,
    false
)
{%- endmacro -%}

{#- Whether a value is an item of a list of reference_lists.csv. -#}
{%- macro is_listed(value, list, lists=none) -%}
({{ list }}, lower({{ value }})) in (select lists.list, lists.item from {{ lists or ref('stg_reference_lists') }} as lists)
{%- endmacro -%}

{#- Whether a row with the columns holds_from and holds_until holds on a date. -#}
{%- macro holds_on(rows, date) -%}
({{ rows }}.holds_from is null or {{ date }} >= {{ rows }}.holds_from)
and ({{ rows }}.holds_until is null or {{ date }} < {{ rows }}.holds_until)
{%- endmacro -%}
