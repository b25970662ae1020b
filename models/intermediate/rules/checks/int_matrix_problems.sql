with

rule_rows as (

    select * from {{ ref('int_rule_rows') }}

),

matrix_models as (

    select
        file,
        model_id,
        min(seed_row) as first_row
    from rule_rows
    where file = 'score_matrix'
    group by file, model_id

),

bands as (

    select * from rule_rows
    where file = 'score_bands'

),

wanted_cells as (

    select
        matrix_models.file,
        matrix_models.first_row,
        matrix_models.model_id,
        demographic.band as demographic_band,
        behavioural.band as behavioural_band

    from matrix_models

    inner join bands as demographic
        on
            matrix_models.model_id = demographic.model_id
            and demographic.dimension = 'demographic'

    inner join bands as behavioural
        on
            matrix_models.model_id = behavioural.model_id
            and behavioural.dimension = 'behavioural'

),

final as (

    select
        wanted_cells.file,
        wanted_cells.first_row as seed_row,
        'behavioural_band' as column_name,
        wanted_cells.demographic_band || ' x ' || wanted_cells.behavioural_band as cell,
        'must have a row: every demographic band with every behavioural band of ' || wanted_cells.model_id as problem

    from wanted_cells

    left join rule_rows
        on
            rule_rows.file = 'score_matrix'
            and wanted_cells.model_id = rule_rows.model_id
            and wanted_cells.demographic_band = rule_rows.demographic_band
            and wanted_cells.behavioural_band = rule_rows.behavioural_band

    where rule_rows.file is null

)

select * from final
