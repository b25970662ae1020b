with

source as (

    select * from {{ columns_of(source('raw', 'contacts')) }}

),

final as (

    select lower(column_name) as column_name from source
    where lower(column_name) not in ('contact_id', 'created_at', 'updated_at')

)

select * from final
