-- Problems of lifecycle_stages.csv that lie between rows, or between a row and the bands of a model.

with

cells as (

    select * from {{ ref('stg_rule_cells') }}

),

bands as (

    select * from {{ ref('stg_score_bands') }}
    where dimension = 'total'

),

stage_rows as (

    select
        seed_row,
        max(case when column_name = 'stage' then cell end) as stage,
        max(case when column_name = 'position' then {{ number_text(read_amount('cell')) }} end) as position,
        max(case when column_name = 'kind' then cell end) as kind,
        max(case when column_name = 'entered_by' then cell end) as entered_by,
        max(case when column_name = 'name' then cell end) as name,
        max(case when column_name = 'comparison' then cell end) as comparison,
        max(case when column_name = 'operand' then cell end) as operand,
        max(case when column_name = 'reenter_after_days' then {{ number_text(read_amount('cell')) }} end) as reenter_after_days
    from cells
    where file = 'lifecycle_stages'
    group by seed_row

),

models as (

    select distinct cell as model_id from cells
    where file = 'score_models' and column_name = 'model_id' and cell is not null

),

reached_bands as (

    select distinct stage_rows.seed_row
    from stage_rows
    inner join bands on stage_rows.name = bands.model_id
    where {{ condition_holds('bands.band', "coalesce(stage_rows.comparison, 'equals')", 'stage_rows.operand') }}

),

compared as (

    select
        *,
        first_value(position) over same_stage as first_position,
        first_value(kind) over same_stage as first_kind,
        first_value(reenter_after_days) over same_stage as first_days,
        first_value(stage) over same_position as stage_of_position,
        first_value(seed_row) over same_position as row_of_position,
        first_value(seed_row) over same_entry as row_of_entry
    from stage_rows
    where stage is not null
    window
        same_stage as (partition by stage order by seed_row),
        same_position as (partition by position order by seed_row),
        same_entry as (partition by stage, entered_by, lower(name), comparison, operand order by seed_row)

),

problems as (

    select
        cells.seed_row,
        cells.column_name,
        cells.cell,
        case
            when cells.column_name = 'stage' and compared.seed_row > compared.row_of_entry then 'must not be entered twice in the same way'
            when cells.column_name = 'position' and cells.cell is not null and compared.stage <> compared.stage_of_position
                then 'must be a position of its own'
            when
                (cells.column_name = 'position' and compared.position <> compared.first_position)
                or (cells.column_name = 'kind' and compared.kind <> compared.first_kind)
                or (cells.column_name = 'reenter_after_days' and compared.reenter_after_days is distinct from compared.first_days)
                then 'must be the same in all rows of the stage'
            when coalesce(compared.entered_by, '') <> 'band' or cells.cell is null then null
            when cells.column_name = 'name' and compared.name not in (select models.model_id from models)
                then 'must be a model_id of score_models.csv when entered_by is band'
            when
                cells.column_name = 'operand'
                and compared.name in (select models.model_id from models)
                and compared.seed_row not in (select reached_bands.seed_row from reached_bands)
                then 'must be a total band of ' || compared.name || ' in score_bands.csv'
        end as problem,
        case
            when cells.column_name = 'stage' then compared.row_of_entry
            when cells.column_name = 'position' and compared.stage <> compared.stage_of_position then compared.row_of_position
        end as first_row
    from cells
    inner join compared on cells.seed_row = compared.seed_row
    where cells.file = 'lifecycle_stages'

),

final as (

    select
        'lifecycle_stages' as file,
        seed_row,
        column_name,
        cell,
        problem,
        case when first_row < seed_row then 'lifecycle_stages' end as other_file,
        case when first_row < seed_row then first_row end as other_seed_row
    from problems
    where problem is not null

)

select * from final
