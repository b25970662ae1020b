with

final as (

    {{ columns_of(source('raw', 'contacts')) }}

)

select lower(column_name) as column_name from final
