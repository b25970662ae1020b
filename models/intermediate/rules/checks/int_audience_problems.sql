-- Audiences by stage that test more than whether the stage is one of some, or name a stage that an audience does not see: one that only
-- bands enter, or none of lifecycle_stages.csv.

with

cells as (

    select * from {{ ref('stg_rule_cells') }}
    where
        file = 'score_models'
        and cell is not null

),

contact_columns as (

    select * from {{ ref('stg_raw_columns') }}
    where table_name = 'contacts'

),

stages as (

    select * from {{ ref('stg_lifecycle_stages') }}
    where entered_by <> 'band'

),

-- A column of raw.contacts may have this name. Then the audience tests that column.
audiences as (

    select
        cells.seed_row,
        comparison_cells.cell as comparison,
        operand_cells.cell as operand
    from cells
    inner join cells as comparison_cells
        on
            cells.seed_row = comparison_cells.seed_row
            and comparison_cells.column_name = 'audience_comparison'
    left join cells as operand_cells
        on
            cells.seed_row = operand_cells.seed_row
            and operand_cells.column_name = 'audience_operand'
    where
        cells.column_name = 'audience_attribute'
        and lower(cells.cell) = 'stage'
        and 'stage' not in (select contact_columns.column_name from contact_columns)

),

items as (

    select
        audiences.seed_row,
        audiences.operand,
        case
            when audiences.comparison in ('in', 'not_in') then {{ list_item('audiences.operand', 'numbers.number + 1') }}
            when numbers.number = 0 then audiences.operand
        end as stage
    from audiences
    cross join {{ whole_numbers(100) }} as numbers
    where audiences.comparison in ('equals', 'not_equals', 'in', 'not_in')

),

final as (

    select
        'score_models' as file,
        seed_row,
        'audience_comparison' as column_name,
        comparison as cell,
        'must be equals, not_equals, in or not_in when audience_attribute is stage' as problem
    from audiences
    where comparison not in ('equals', 'not_equals', 'in', 'not_in')

    union

    select
        'score_models' as file,
        seed_row,
        'audience_operand' as column_name,
        operand as cell,
        'must be stages of lifecycle_stages.csv that are entered by more than a band' as problem
    from items
    where lower(stage) not in (select coalesce(lower(stages.stage), '') from stages)

)

select * from final
