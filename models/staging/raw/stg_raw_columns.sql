with

contact_columns as (

    select * from {{ columns_of(source('raw', 'contacts')) }}

),

event_columns as (

    select * from {{ columns_of(source('raw', 'events')) }}

),

contract as (

    select * from {{ ref('raw_columns') }}

),

named as (

    select
        'contacts' as table_name,
        lower(column_name) as column_name

    from contact_columns

    union all

    select
        'events' as table_name,
        lower(column_name) as column_name

    from event_columns

),

final as (

    select
        named.table_name,
        named.column_name,
        contract.column_name is not null as is_in_contract

    from named

    left join contract
        on
            named.table_name = contract.table_name
            and named.column_name = contract.column_name

)

select * from final
