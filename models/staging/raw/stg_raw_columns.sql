with

contact_columns as (

    select * from {{ columns_of(raw_rows('contacts')) }}

),

event_columns as (

    select * from {{ columns_of(raw_rows('events')) }}

),

final as (

    select
        'contacts' as table_name,
        lower(column_name) as column_name

    from contact_columns

    union all

    select
        'events' as table_name,
        lower(column_name) as column_name

    from event_columns

)

select * from final
