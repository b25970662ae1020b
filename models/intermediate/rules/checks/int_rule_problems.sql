-- What all checks found, and pairs of bands that the score matrix of a model lacks.

with

cells as (

    select * from {{ ref('stg_rule_cells') }}

),

bands as (

    select * from {{ ref('stg_score_bands') }}

),

matrix as (

    select * from {{ ref('stg_score_matrix') }}

),

matrix_models as (

    select
        cell as model_id,
        min(seed_row) as first_row
    from cells
    where
        file = 'score_matrix'
        and column_name = 'model_id'
    group by cell

),

-- A model has no matrix, or one with every pair of a demographic and a behavioural band.
matrix_problems as (

    select distinct
        'score_matrix' as file,
        matrix_models.first_row as seed_row,
        'behavioural_band' as column_name,
        demographic.band || ' x ' || behavioural.band as cell,
        'must have a row: every demographic band with every behavioural band of ' || matrix_models.model_id as problem
    from matrix_models
    inner join bands as demographic
        on
            matrix_models.model_id = demographic.model_id
            and demographic.dimension = 'demographic'
    inner join bands as behavioural
        on
            matrix_models.model_id = behavioural.model_id
            and behavioural.dimension = 'behavioural'
    left join matrix
        on
            matrix_models.model_id = matrix.model_id
            and demographic.band = matrix.demographic_band
            and behavioural.band = matrix.behavioural_band
    where matrix.model_id is null

),

of_single_rows as (

    select * from matrix_problems
    union all
    select * from {{ ref('int_rule_cell_problems') }}
    union all
    select * from {{ ref('int_action_problems') }}
    union all
    select * from {{ ref('int_audience_problems') }}

),

problems as (

    select
        *,
        {{ as_text('null') }} as other_file,
        null as other_seed_row
    from of_single_rows

    union all

    select * from {{ ref('int_rule_key_problems') }}

    union all

    select * from {{ ref('int_stage_problems') }}

),

final as (

    select
        file || '.csv' as file,
        seed_row,
        column_name,
        cell,
        problem,
        other_file || '.csv' as other_file,
        other_seed_row

    from problems

)

select * from final
