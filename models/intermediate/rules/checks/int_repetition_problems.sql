with

rule_rows as (

    select * from {{ ref('int_rule_rows') }}

),

-- What must be told apart by its name; rule ids are one list over all files.
named as (

    select
        file,
        seed_row,
        'rule_id' as column_name,
        rule_id as cell,
        'rule' as kind,
        {{ as_text('null') }} as model_id,
        rule_id as name,
        {{ as_text('null') }} as second_name
    from rule_rows
    where rule_id is not null

    union all

    select
        file,
        seed_row,
        'model_id' as column_name,
        model_id as cell,
        'model' as kind,
        {{ as_text('null') }} as model_id,
        model_id as name,
        {{ as_text('null') }} as second_name
    from rule_rows
    where file = 'score_models'

    union all

    select
        file,
        seed_row,
        'model_id' as column_name,
        model_id as cell,
        'goal' as kind,
        {{ as_text('null') }} as model_id,
        model_id as name,
        {{ as_text('null') }} as second_name
    from rule_rows
    where file = 'conversion_goals'

    union all

    select
        file,
        seed_row,
        'rule_group' as column_name,
        rule_group as cell,
        'group' as kind,
        model_id,
        rule_group as name,
        {{ as_text('null') }} as second_name
    from rule_rows
    where file = 'rule_groups'

    union all

    select
        file,
        seed_row,
        'band' as column_name,
        band as cell,
        'band' as kind,
        model_id,
        dimension as name,
        band as second_name
    from rule_rows
    where file = 'score_bands'

    union all

    select
        file,
        seed_row,
        'min_score' as column_name,
        {{ number_text('min_score') }} as cell,
        'min_score' as kind,
        model_id,
        dimension as name,
        {{ number_text('min_score') }} as second_name
    from rule_rows
    where file = 'score_bands'

    union all

    select
        file,
        seed_row,
        'behavioural_band' as column_name,
        behavioural_band as cell,
        'cell' as kind,
        model_id,
        demographic_band as name,
        behavioural_band as second_name
    from rule_rows
    where file = 'score_matrix'

),

counted as (

    select
        *,
        row_number() over (
            partition by kind, model_id, name, second_name
            order by file, seed_row
        ) as time_number,
        first_value(file) over (
            partition by kind, model_id, name, second_name
            order by file, seed_row
        ) as other_file,
        first_value(seed_row) over (
            partition by kind, model_id, name, second_name
            order by file, seed_row
        ) as other_seed_row

    from named

    where cell is not null

),

final as (

    select
        file,
        seed_row,
        column_name,
        cell,
        'must be unique' as problem,
        other_file,
        other_seed_row

    from counted

    where time_number > 1

)

select * from final
