with

repetitions as (

    select * from {{ ref('int_repetition_problems') }}

),

problems as (

    select * from {{ ref('int_rule_cell_problems') }}

    union all

    select * from {{ ref('int_condition_problems') }}

    union all

    select * from {{ ref('int_reference_problems') }}

    union all

    select * from {{ ref('int_bound_problems') }}

    union all

    select * from {{ ref('int_matrix_problems') }}

),

final as (

    select
        file || '.csv' as file,
        seed_row,
        column_name,
        cell,
        problem,
        {{ as_text('null') }} as other_file,
        null as other_seed_row

    from problems

    union all

    select
        file || '.csv' as file,
        seed_row,
        column_name,
        cell,
        problem,
        other_file || '.csv' as other_file,
        other_seed_row

    from repetitions

)

select * from final
