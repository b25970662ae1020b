with

source as (

    select * from {{ columns_of(source('raw', 'contacts')) }}

),

final as (

    select lower(column_name) as column_name from source

)

select * from final
