-- Stages, kinds and grades of next_actions.csv that lifecycle_stages.csv or the model's matrix does not have.

with

cells as (

    select * from {{ ref('stg_rule_cells') }}
    where cell is not null

),

stages as (

    select * from {{ ref('stg_lifecycle_stages') }}

),

matrix as (

    select * from {{ ref('stg_score_matrix') }}

),

models as (

    select cell as model_id from cells
    where
        file = 'score_models'
        and column_name = 'model_id'

),

-- Of each stage, and of each kind.
kinds as (

    select distinct
        kind,
        stage
    from stages

    union

    select
        kind,
        null as stage
    from stages

),

action_rows as (

    select
        seed_row,
        max(case when column_name = 'model_id' then cell end) as model_id,
        max(case when column_name = 'stage' then cell end) as stage
    from cells
    where file = 'next_actions'
    group by seed_row

),

problems as (

    select
        cells.file,
        cells.seed_row,
        cells.column_name,
        cells.cell,
        case
            when cells.column_name = 'stage' and cells.cell not in (select coalesce(stages.stage, '') from stages)
                then 'must be a stage of lifecycle_stages.csv'
            when
                cells.column_name = 'kind'
                and cells.cell in ('open', 'won', 'lost', 'disqualified')
                and (action_rows.stage is null or action_rows.stage in (select stages.stage from stages))
                and not exists (
                    select 1 from kinds
                    where kinds.kind = cells.cell and kinds.stage is not distinct from action_rows.stage
                )
                then
                    'must be the kind of ' || case when action_rows.stage is null then 'a' else 'the' end
                    || ' stage in lifecycle_stages.csv'
            when
                cells.column_name = 'grade'
                and action_rows.model_id in (select models.model_id from models)
                and not exists (
                    select 1 from matrix
                    where matrix.model_id = action_rows.model_id and matrix.grade = cells.cell
                )
                then 'must be a grade of the model in score_matrix.csv'
        end as problem
    from cells
    inner join action_rows on cells.seed_row = action_rows.seed_row
    where cells.file = 'next_actions'

),

final as (

    select * from problems
    where problem is not null

)

select * from final
