with

cells as (

    select * from {{ ref('stg_rule_cells') }}

),

columns as (

    select * from {{ ref('stg_rule_columns') }}

),

read as (

    select
        cells.file,
        cells.seed_row,
        cells.column_name,
        cells.cell,
        columns.kind,
        columns.is_required,
        columns.lowest,
        columns.choices,
        {{ read_amount('cells.cell') }} as cell_number,
        {{ read_date('cells.cell') }} as cell_date

    from cells

    inner join columns
        on
            cells.file = columns.file
            and cells.column_name = columns.column_name

),

judged as (

    select
        file,
        seed_row,
        column_name,
        cell,
        case
            when cell is null and is_required then 'must not be empty'
            when cell is null then null
            when column_name = 'rule_id' and cell in ('group_min', 'group_max', 'model_min', 'model_max')
                then 'must be another name; the adjustments of the ledger have this one'
            when kind = 'choice' and not {{ is_in_list('cell', 'choices') }} then 'must be one of ' || replace(choices, '|', ', ')
            when kind = 'date' and cell_date is null then 'must be a date, as 2024-12-31'
            when kind in ('points', 'factor', 'amount', 'whole') and cell_number is null then 'must be a number'
            when kind = 'whole' and cell_number <> floor(cell_number) then 'must be a whole number'
            when kind = 'whole' and abs(cell_number) >= 1000000000 then 'must be below 1000000000'
            when kind in ('points', 'factor') and cell_number <> round(cell_number, 4) then 'must have at most 4 decimals'
            when kind = 'points' and abs(cell_number) >= 10000000 then 'must be below 10000000'
            when kind = 'factor' and abs(cell_number) >= 10000 then 'must be below 10000'
            when cell_number < lowest then 'must be at least ' || {{ number_text('lowest') }}
        end as problem

    from read

),

final as (

    select
        file,
        seed_row,
        column_name,
        cell,
        problem

    from judged

    where problem is not null

)

select * from final
