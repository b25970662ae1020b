-- The seed rows of each scored model: its own, but for the evidence, which changes no score and no evaluation; all filters and identity
-- rules, the stages if its actions or its audience name one, and the reference lists that any of these name.

with

cells as (

    select * from {{ ref('stg_rule_cells') }}
    where cell is not null

),

models as (

    select * from {{ ref('stg_score_models') }}

),

-- A condition goes with its rule.
condition_models as (

    select
        conditions.seed_row,
        rule_models.cell as model_id
    from cells as conditions
    inner join cells as rule_ids
        on
            rule_ids.file in ('event_rules', 'attribute_rules')
            and rule_ids.column_name = 'rule_id'
            and conditions.cell = rule_ids.cell
    inner join cells as rule_models
        on
            rule_ids.file = rule_models.file
            and rule_ids.seed_row = rule_models.seed_row
            and rule_models.column_name = 'model_id'
    where
        conditions.file = 'rule_conditions'
        and conditions.column_name = 'rule_id'

),

staged_models as (

    select model_id from {{ ref('stg_next_actions') }} where stage is not null or kind is not null -- noqa: LT14
    union
    select model_id from models where audience_attribute = 'stage' -- noqa: LT14

),

model_rows as (

    select models.model_id, cells.file, cells.seed_row -- noqa: LT09
    from models
    inner join cells
        on
            models.model_id = cells.cell
            and cells.column_name = 'model_id'
            and cells.file <> 'rule_evidence'

    union all

    select models.model_id, 'rule_conditions' as file, condition_models.seed_row -- noqa: LT09
    from models
    inner join condition_models on models.model_id = condition_models.model_id

    union all

    select distinct models.model_id, cells.file, cells.seed_row -- noqa: LT09
    from models
    cross join cells
    where
        cells.file in ('event_filters', 'identity_rules')
        or (cells.file = 'lifecycle_stages' and models.model_id in (select staged_models.model_id from staged_models))

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
