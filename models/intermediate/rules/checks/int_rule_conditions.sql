with

rule_rows as (

    select * from {{ ref('int_rule_rows') }}

),

cell_problems as (

    select * from {{ ref('int_rule_cell_problems') }}

),

conditions as (

    select
        file,
        seed_row,
        case file
            when 'event_rules' then 'property'
            when 'attribute_rules' then 'attribute'
            else 'name'
        end as subject_column,
        'comparison' as comparison_column,
        'operand' as operand_column,
        case file
            when 'event_rules' then property
            when 'attribute_rules' then attribute
            when 'disqualification_rules' then name
        end as subject,
        comparison,
        operand

    from rule_rows

    where
        file in ('event_rules', 'attribute_rules', 'disqualification_rules')
        and coalesce(source, 'attribute') <> 'event'

    union all

    select
        file,
        seed_row,
        case file when 'event_rules' then 'and_property' else 'and_attribute' end as subject_column,
        'and_comparison' as comparison_column,
        'and_operand' as operand_column,
        coalesce(and_property, and_attribute) as subject,
        and_comparison as comparison,
        and_operand as operand

    from rule_rows

    where file in ('event_rules', 'attribute_rules')

    union all

    select
        file,
        seed_row,
        'audience_attribute' as subject_column,
        'audience_comparison' as comparison_column,
        'audience_operand' as operand_column,
        audience_attribute as subject,
        audience_comparison as comparison,
        audience_operand as operand

    from rule_rows

    where file = 'score_models'

),

-- One with a cell that is wrong in itself is looked at when that cell is right.
final as (

    select conditions.*

    from conditions

    left join cell_problems
        on
            conditions.file = cell_problems.file
            and conditions.seed_row = cell_problems.seed_row
            and cell_problems.column_name in ('source', conditions.subject_column, conditions.comparison_column, conditions.operand_column)

    where cell_problems.file is null

)

select * from final
