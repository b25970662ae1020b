with

cells as (

    select * from {{ ref('stg_rule_cells') }}

),

keys as (

    select * from {{ ref('rule_keys') }}

),

contact_columns as (

    select column_name from {{ ref('stg_raw_columns') }}
    where table_name in ('contacts', 'accounts')
    union
    select attribute as column_name from {{ ref('stg_attribute_changes') }} where rejected_because is null -- noqa: LT14
    union
    -- An audience may test the stage of a lead.
    select 'stage' as column_name from {{ ref('stg_lifecycle_stages') }}

),

-- Each cell that defines a name of a list or refers to one. Lists may be per model and divided by another column.
names as (

    select
        cells.file,
        cells.seed_row,
        cells.column_name,
        cells.cell,
        keys.name_list,
        keys.is_reference = 'yes' as is_reference,
        keys.problem,
        case when keys.per_model = 'yes' then coalesce(model_cells.cell, '') end as model_id,
        case when division_cells.column_name is null then keys.divided_by else coalesce(division_cells.cell, '') end as division,
        case keys.read_as
            when 'number' then {{ number_text(read_amount('cells.cell')) }}
            when 'lower' then lower(cells.cell)
            else cells.cell
        end as name

    from cells

    inner join keys
        on
            cells.file = keys.file
            and cells.column_name = keys.column_name

    left join cells as model_cells
        on
            cells.file = model_cells.file
            and cells.seed_row = model_cells.seed_row
            and model_cells.column_name = 'model_id'

    left join cells as division_cells
        on
            cells.file = division_cells.file
            and cells.seed_row = division_cells.seed_row
            and keys.divided_by = division_cells.column_name

),

looked_up as (

    select
        names.*,
        contact_columns.column_name is not null as is_in_raw,
        row_number() over same_names as place,
        first_value(names.file) over same_names as first_file,
        first_value(names.seed_row) over same_names as first_row,
        count(case when not names.is_reference then 1 end) over (
            partition by names.name_list, names.model_id, names.division, names.name
        ) as times_added,
        count(case when names.name_list = 'models' and not names.is_reference then 1 end) over (partition by names.model_id) as models_added

    from names

    left join contact_columns on names.name_list = 'columns of raw.contacts' and names.name = contact_columns.column_name

    where names.name is not null

    window same_names as (
        partition by names.name_list, names.model_id, names.division, names.name, names.is_reference
        order by names.file, names.seed_row
    )

),

-- Rows of a model that does not exist are not checked further: their model_id is the problem. A rule_id is on two lists.
final as (

    select distinct
        file,
        seed_row,
        column_name,
        cell,
        problem,
        case when not is_reference then first_file end as other_file,
        case when not is_reference then first_row end as other_seed_row

    from looked_up

    where
        (not is_reference and place > 1)
        or (
            is_reference
            and times_added = 0
            and not is_in_raw
            and (name_list = 'models' or model_id is null or models_added > 0)
        )

)

select * from final
