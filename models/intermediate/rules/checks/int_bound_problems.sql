with

rule_rows as (

    select * from {{ ref('int_rule_rows') }}

),

cells as (

    select * from {{ ref('stg_rule_cells') }}

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

missing_cells as (

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

),

out_of_bounds as (

    select
        file,
        seed_row,
        'comparison' as column_name,
        'must be empty for source event, of which one event is enough' as problem
    from rule_rows
    where
        source = 'event'
        and comparison is not null

    union all

    select
        file,
        seed_row,
        'lower' as column_name,
        'must be below upper, ' || {{ number_text('upper') }} as problem
    from rule_rows
    where lower >= upper

    union all

    select
        file,
        seed_row,
        'min_points' as column_name,
        'must not be above max_points, ' || {{ number_text('max_points') }} as problem
    from rule_rows
    where min_points > max_points

    union all

    select
        file,
        seed_row,
        'min_score' as column_name,
        'must not be above max_score, ' || {{ number_text('max_score') }} as problem
    from rule_rows
    where min_score > max_score

    union all

    select
        file,
        seed_row,
        'keep_score' as column_name,
        'must not be above min_score, ' || {{ number_text('min_score') }} as problem
    from rule_rows
    where keep_score > min_score

    union all

    select
        file,
        seed_row,
        'valid_from' as column_name,
        'must be before valid_to, ' || valid_to as problem
    from rule_rows
    where valid_from >= valid_to

    union all

    select
        file,
        seed_row,
        'decay_days' as column_name,
        'must be given for decay ' || decay as problem
    from rule_rows
    where decay in ('exponential', 'linear', 'step') and decay_days is null

    union all

    select
        file,
        seed_row,
        'decay_percent' as column_name,
        'must be given for decay step' as problem
    from rule_rows
    where decay = 'step' and decay_percent is null

    union all

    select
        file,
        seed_row,
        'decay_percent' as column_name,
        'must not be above 100' as problem
    from rule_rows
    where decay_percent > 100

),

final as (

    select
        out_of_bounds.file,
        out_of_bounds.seed_row,
        out_of_bounds.column_name,
        cells.cell,
        out_of_bounds.problem

    from out_of_bounds

    inner join cells
        on
            out_of_bounds.file = cells.file
            and out_of_bounds.seed_row = cells.seed_row
            and out_of_bounds.column_name = cells.column_name

    union all

    select * from missing_cells

)

select * from final
