with

problems as (

    select * from {{ ref('int_rule_cell_problems') }}

    union all

    select * from {{ ref('int_condition_problems') }}

    union all

    select * from {{ ref('int_reference_problems') }}

    union all

    select * from {{ ref('int_repetition_problems') }}

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
        problem

    from problems

)

select * from final
