{#-
    Whether a value satisfies a comparison: one line per row of contract/comparisons.csv. Case is ignored. A missing value
    satisfies only is_missing. less_than, at_least and between do not hold for text that is not a number, days_ago_* for text that is not a
    date. days_ago_* hold on some as-of dates: see holds_from.

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
        when 'days_ago_at_most' then {{ date_in(value) }} is not null
        when 'days_ago_at_least' then {{ date_in(value) }} is not null
        when 'has_item' then {{ is_in_list('lower(' ~ operand ~ ')', "replace(lower(" ~ value ~ "), ';', '|')") }}
    end,
    false
)
{%- endmacro -%}

{#- Whether a value is an item of a list of reference_lists.csv. -#}
{%- macro is_listed(value, list, lists=none) -%}
({{ list }}, lower({{ value }})) in (select lists.list, lists.item from {{ lists or ref('stg_reference_lists') }} as lists)
{%- endmacro -%}

{#- Date of a text such as 2024-06-30 or 2024-06-30 10:00:00; null if it is none. -#}
{%- macro date_in(value) -%}
{{ as_date(read_timestamp(value)) }}
{%- endmacro -%}

{#-
    First as-of date on which a condition that is met holds; null: on all dates. Only days_ago_* look at the as-of date. So what is kept or
    computed once for all dates has two dates, and readers compare them (holds_on).
-#}
{%- macro holds_from(value, comparison, operand) -%}
case {{ comparison }}
    when 'days_ago_at_most' then {{ date_in(value) }}
    when 'days_ago_at_least' then {{ add_days(date_in(value), read_whole(operand)) }}
end
{%- endmacro -%}

{#- First as-of date on which it does not hold any more; null: none. -#}
{%- macro holds_until(value, comparison, operand) -%}
case {{ comparison }} when 'days_ago_at_most' then {{ add_days(date_in(value), read_whole(operand) ~ ' + 1') }} end
{%- endmacro -%}

{#- Whether a row with the columns holds_from and holds_until holds on a date. -#}
{%- macro holds_on(rows, date) -%}
({{ rows }}.holds_from is null or {{ date }} >= {{ rows }}.holds_from)
and ({{ rows }}.holds_until is null or {{ date }} < {{ rows }}.holds_until)
{%- endmacro -%}

{#- Whether a text is low|high, two numbers, as between needs. -#}
{%- macro is_range(text) -%}
({{ list_item(text, 3) }} is null and coalesce({{ read_amount(list_item(text, 1)) }} <= {{ read_amount(list_item(text, 2)) }}, false))
{%- endmacro -%}
