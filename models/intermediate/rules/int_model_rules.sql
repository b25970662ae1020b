{{ config(materialized='view') }}

-- The seed rows of each scored model: its own, all filters and identity rules, and the reference lists that any of these name.

with

cells as (

    select * from {{ ref('stg_rule_cells') }}
    where cell is not null

),

models as (

    select * from {{ ref('stg_score_models') }}

),

model_rows as (

    select
        models.model_id,
        cells.file,
        cells.seed_row

    from models

    inner join cells
        on
            models.model_id = cells.cell
            and cells.column_name = 'model_id'

    union all

    select distinct
        models.model_id,
        cells.file,
        cells.seed_row

    from models

    cross join cells

    where cells.file in ('event_filters', 'identity_rules')

),

named_lists as (

    select distinct
        model_rows.model_id,
        cells.cell as list -- noqa: RF04

    from model_rows

    inner join cells
        on
            model_rows.file = cells.file
            and model_rows.seed_row = cells.seed_row
            and cells.column_name in ('operand', 'and_operand', 'audience_operand', 'except_list')

),

final as (

    select * from model_rows

    union all

    select
        named_lists.model_id,
        cells.file,
        cells.seed_row

    from named_lists

    inner join cells
        on
            cells.file = 'reference_lists'
            and cells.column_name = 'list'
            and named_lists.list = cells.cell

)

select * from final
