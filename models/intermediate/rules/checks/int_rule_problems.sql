with

cell_problems as (

    select * from {{ ref('int_rule_cell_problems') }}

),

key_problems as (

    select * from {{ ref('int_rule_key_problems') }}

),

stage_problems as (

    select * from {{ ref('int_stage_problems') }}

),

action_problems as (

    select * from {{ ref('int_action_problems') }}

),

audience_problems as (

    select * from {{ ref('int_audience_problems') }}

),

matrix_problems as (

    select * from {{ ref('int_matrix_problems') }}

),

of_single_rows as (

    select * from cell_problems
    union all
    select * from matrix_problems
    union all
    select * from action_problems
    union all
    select * from audience_problems

),

problems as (

    select
        *,
        {{ as_text('null') }} as other_file,
        null as other_seed_row
    from of_single_rows

    union all

    select * from key_problems

    union all

    select * from stage_problems

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
