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

unknown_demographic_bands as (

    select
        rule_rows.file,
        rule_rows.seed_row,
        'demographic_band' as column_name,
        rule_rows.demographic_band as cell,
        'must be a demographic band of the model in score_bands.csv' as problem

    from rule_rows

    left join bands
        on
            rule_rows.model_id = bands.model_id
            and bands.dimension = 'demographic'
            and rule_rows.demographic_band = bands.band

    where
        rule_rows.demographic_band is not null
        and bands.band is null

),

unknown_behavioural_bands as (

    select
        rule_rows.file,
        rule_rows.seed_row,
        'behavioural_band' as column_name,
        rule_rows.behavioural_band as cell,
        'must be a behavioural band of the model in score_bands.csv' as problem

    from rule_rows

    left join bands
        on
            rule_rows.model_id = bands.model_id
            and bands.dimension = 'behavioural'
            and rule_rows.behavioural_band = bands.band

    where
        rule_rows.behavioural_band is not null
        and bands.band is null

),

final as (

    select * from unknown_models

    union all

    select * from unknown_groups

    union all

    select * from unknown_demographic_bands

    union all

    select * from unknown_behavioural_bands

)

select * from final
