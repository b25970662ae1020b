-- Rows of contract/ that the rule checks cannot read: one row per error.
with

rule_cells as (

    select distinct
        file,
        column_name

    from {{ ref('stg_rule_cells') }}

),

columns as (

    select * from {{ ref('rule_columns') }}

),

keys as (

    select * from {{ ref('rule_keys') }}

),

comparisons as (

    select * from {{ ref('comparisons') }}

),

-- Values and operands, so that each comparison holds for at least one pair.
pairs as (

    select
        '5' as probe_value,
        '5|5' as probe_operand

    union all

    select
        '5' as probe_value,
        '5' as probe_operand

    union all

    select
        '5' as probe_value,
        '6' as probe_operand

    union all

    select
        {{ as_text('null') }} as probe_value,
        '5' as probe_operand

    union all

    select
        '2024-06-30' as probe_value,
        '5' as probe_operand

),

named_columns as (

    select
        file,
        {{ list_item('other_columns', 1) }} as column_name
    from columns

    union all

    select
        file,
        {{ list_item('other_columns', 2) }} as column_name
    from columns

    union all

    select
        file,
        column_name
    from keys

    union all

    select
        file,
        column_name
    from rule_cells

),

final as (

    select
        file,
        column_name,
        'is there more than once' as problem
    from columns
    group by file, column_name
    having count(*) > 1

    union all

    select
        file,
        column_name,
        'has a cell that is none of the known words' as problem
    from columns
    where
        coalesce(kind, '') not in ('text', 'choice', 'comparison', 'date', 'whole', 'amount', 'points', 'factor', 'reference')
        or coalesce(required, '') not in ('yes', 'no')
        or coalesce(relation, '') not in ('', 'below', 'not_above', 'set_with', 'operand_of', 'not_one_of')
        or (kind = 'choice' and choices is null)

    union all

    select
        named_columns.file,
        named_columns.column_name,
        'is no column of rule_columns' as problem
    from named_columns
    left join columns
        on
            named_columns.file = columns.file
            and named_columns.column_name = columns.column_name
    where
        named_columns.column_name is not null
        and columns.file is null

    union all

    select
        file,
        column_name,
        'is there more than once, has a cell that is none of the known words, or refers to a list without names' as problem
    from keys
    where
        coalesce(is_reference, '') not in ('yes', 'no')
        or coalesce(per_model, '') not in ('yes', 'no')
        or coalesce(read_as, '') not in ('', 'number', 'lower')
        or problem is null
        or name_list not in (
            select keys_of_lists.name_list from keys as keys_of_lists
            where keys_of_lists.is_reference = 'no'
            union all
            select 'columns of raw.contacts' as name_list
        )
        or (file, column_name, name_list) in (
            select
                again.file,
                again.column_name,
                again.name_list
            from keys as again
            group by again.file, again.column_name, again.name_list
            having count(*) > 1
        )

    union all

    select
        'comparisons' as file,
        comparison as column_name,
        'is there more than once, or has a cell that is none of the known words' as problem
    from comparisons
    group by comparison
    having
        count(*) > 1
        or max(coalesce(operand, '')) not in ('none', 'text', 'list', 'pattern', 'number', 'range', 'reference', 'days')
        or max(coalesce(tells_value, '')) not in ('yes', 'no')
        or max(place) is null

    union all

    select
        'comparisons' as file,
        comparisons.comparison as column_name,
        'holds for nothing: it has no line in macros/condition_holds.sql, or no pair above' as problem
    from comparisons
    cross join pairs
    group by comparisons.comparison
    having
        comparisons.comparison <> 'in_list'
        and max(case when {{ condition_holds('pairs.probe_value', 'comparisons.comparison', 'pairs.probe_operand') }} then 1 else 0 end) = 0

)

select * from final
