with

source as (

    select * from {{ columns_of(source('raw', 'events')) }}

),

contract as (

    select * from {{ ref('raw_columns') }}
    where table_name = 'events'

),

final as (

    select lower(source.column_name) as column_name

    from source

    left join contract on lower(source.column_name) = contract.column_name

    where contract.column_name is null

)

select * from final
