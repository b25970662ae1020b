with

source as (

    select * from {{ source('last_intermediate', 'int_known_rows') }}

),

final as (

    select
        raw_table,
        row_key,
        known_date

    from source

)

select * from final
