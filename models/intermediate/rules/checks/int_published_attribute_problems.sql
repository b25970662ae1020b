-- Attributes of published_attributes.csv that have the name of a column that call_list has anyway.

with

cells as (

    select * from {{ ref('stg_rule_cells') }}
    where
        file = 'published_attributes'
        and column_name = 'attribute'

),

final as (

    select
        file,
        seed_row,
        column_name,
        cell,
        'is a column of call_list already; give the attribute another name in the source, or remove the row' as problem
    from cells
    where lower(cell) in ({{ described_columns('call_list') }})

)

select * from final
