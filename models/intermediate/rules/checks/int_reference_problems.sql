with

rule_rows as (

    select * from {{ ref('int_rule_rows') }}

),

models as (

    select distinct model_id from rule_rows
    where file = 'score_models'

),

groups as (

    select distinct
        model_id,
        rule_group
    from rule_rows
    where file = 'rule_groups'

),

bands as (

    select distinct
        model_id,
        dimension,
        band
    from rule_rows
    where file = 'score_bands'

),

unknown_models as (

    select
        rule_rows.file,
        rule_rows.seed_row,
        'model_id' as column_name,
        rule_rows.model_id as cell,
        'must be a model_id of score_models.csv' as problem

    from rule_rows

    left join models on rule_rows.model_id = models.model_id

    where
        rule_rows.model_id is not null
        and models.model_id is null

),

unknown_groups as (

    select
        rule_rows.file,
        rule_rows.seed_row,
        'rule_group' as column_name,
        rule_rows.rule_group as cell,
        'must be a rule_group of the model in rule_groups.csv' as problem

    from rule_rows

    inner join models on rule_rows.model_id = models.model_id

    left join groups
        on
            rule_rows.model_id = groups.model_id
            and rule_rows.rule_group = groups.rule_group

    where
        rule_rows.rule_group is not null
        and groups.rule_group is null

),

matrix_bands as (

    select
        file,
        seed_row,
        model_id,
        'demographic' as dimension,
        demographic_band as band
    from rule_rows
    where demographic_band is not null

    union all

    select
        file,
        seed_row,
        model_id,
        'behavioural' as dimension,
        behavioural_band as band
    from rule_rows
    where behavioural_band is not null

),

unknown_bands as (

    select
        matrix_bands.file,
        matrix_bands.seed_row,
        matrix_bands.dimension || '_band' as column_name,
        matrix_bands.band as cell,
        'must be a ' || matrix_bands.dimension || ' band of the model in score_bands.csv' as problem

    from matrix_bands

    left join bands
        on
            matrix_bands.model_id = bands.model_id
            and matrix_bands.dimension = bands.dimension
            and matrix_bands.band = bands.band

    where bands.band is null

),

final as (

    select * from unknown_models

    union all

    select * from unknown_groups

    union all

    select * from unknown_bands

)

select * from final
