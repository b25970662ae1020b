with

source as (

    select * from {{ last_built(source('published', 'raw_table_days')) }}

),

final as (

    select
        table_name,
        raw_date,
        rows_known

    from source

)

select * from final
