with

cells as (

    select * from {{ ref('stg_rule_cells') }}

),

columns as (

    select * from {{ ref('rule_columns') }}

),

comparisons as (

    select * from {{ ref('comparisons') }}

),

-- Each cell with the contract of its column, and the cells of its row that the contract compares it with.
read as (

    select
        cells.*,
        columns.kind,
        columns.required,
        columns.other_columns,
        columns.relation,
        columns.required_for,
        columns.empty_for,
        other_cells.cell as other_cell,
        other_cells.column_name || ' is ' || other_cells.cell as other_is,
        comparisons.operand as operand_kind,
        coalesce(columns.choices, (select {{ joined('listed.comparison', "'|'", 'listed.place') }} from comparisons as listed)) as choices,
        {{ read_amount('columns.lowest') }} as lowest,
        {{ read_amount('columns.highest') }} as highest,
        {{ read_amount('cells.cell') }} as cell_number,
        {{ read_amount('other_cells.cell') }} as other_number,
        {{ read_date('cells.cell') }} as cell_date,
        {{ read_date('other_cells.cell') }} as other_date

    from cells

    inner join columns
        on
            cells.file = columns.file
            and cells.column_name = columns.column_name

    left join cells as other_cells
        on
            cells.file = other_cells.file
            and cells.seed_row = other_cells.seed_row
            and other_cells.cell is not null
            and {{ is_in_list('other_cells.column_name', 'columns.other_columns') }}

    left join comparisons on columns.relation = 'operand_of' and other_cells.cell = comparisons.comparison

),

judged as (

    select distinct
        file,
        seed_row,
        column_name,
        cell,
        case
            when cell is null and required = 'yes' then 'must not be empty'
            when cell is null and relation = 'set_with' and other_cell is not null
                then 'is required when ' || replace(other_columns, '|', ' or ') || ' is set'
            when cell is null and (operand_kind <> 'none' or {{ is_in_list('other_cell', 'required_for') }})
                then 'is required when ' || other_is
            when cell is null then null
            when {{ is_in_list('other_cell', 'empty_for') }} then 'must be empty when ' || other_is
            when column_name = 'rule_id' and {{ finds_pattern('cell', "'^((group|model)_(min|max)|override(_[0-9]+)?)$'") }}
                then 'is reserved for the ledger''s adjustments; use another name'
            when other_is = 'source is outcome' and column_name = 'name' and lower(cell) not in ('qualified', 'won', 'lost', 'disqualified')
                then 'must be one of qualified, won, lost, disqualified when source is outcome'
            when relation = 'not_one_of' and {{ is_in_list('lower(cell)', 'choices') }}
                then 'is a column of call_list already; give the attribute another name in the source, or remove the row'
            when kind in ('choice', 'comparison') and not {{ is_in_list('cell', 'choices') }}
                then 'must be one of ' || replace(choices, '|', ', ')
            when kind = 'date' and cell_date is null then 'must be a date, such as 2024-12-31'
            when kind in ('points', 'factor', 'amount', 'whole') and cell_number is null then 'must be a number'
            when kind = 'whole' and cell_number <> floor(cell_number) then 'must be a whole number'
            when kind = 'whole' and abs(cell_number) >= 1000000000 then 'must be below 1000000000'
            when kind in ('points', 'factor') and cell_number <> round(cell_number, 4) then 'must have at most 4 decimals'
            when kind = 'points' and abs(cell_number) >= 10000000 then 'must be below 10000000'
            when kind = 'factor' and abs(cell_number) >= 10000 then 'must be below 10000'
            when cell_number < lowest then 'must be at least ' || {{ number_text('lowest') }}
            when cell_number > highest then 'must not be above ' || {{ number_text('highest') }}
            when relation = 'below' and cell_number >= other_number
                then 'must be below ' || other_columns || ', ' || {{ number_text('other_number') }}
            when relation = 'below' and cell_date >= other_date then 'must be before ' || other_columns || ', ' || other_cell
            when relation = 'not_above' and cell_number > other_number
                then 'must not be above ' || other_columns || ', ' || {{ number_text('other_number') }}
            when operand_kind = 'number' and cell_number is null then 'must be a number for ' || other_cell
            when 'reference' in (kind, operand_kind) and cell not in (select lists.list from {{ ref('stg_reference_lists') }} as lists)
                then 'must be a list of reference_lists.csv' || coalesce(' for ' || other_cell, '')
            when operand_kind = 'days' and not {{ finds_pattern('cell', "'^[0-9]{1,5}$'") }}
                then 'must be a number of days, 0 to 99999, for ' || other_cell
            when operand_kind = 'pattern' and not {{ is_pattern('cell') }} then 'must be a valid regular expression'
            when operand_kind = 'range' and not {{ is_range('cell') }} then 'must be low|high for ' || other_cell || ', two numbers'
        end as problem

    from read

),

final as (

    select * from judged
    where problem is not null

)

select * from final
