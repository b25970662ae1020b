with

contact_columns as (

    select * from {{ columns_of(raw_rows('contacts')) }}

),

event_columns as (

    select * from {{ columns_of(raw_rows('events')) }}

),

account_columns as (

    select * from {{ columns_of(raw_rows('accounts')) }}

),

final as (

    select
        'contacts' as table_name,
        lower(column_name) as column_name,
        false as is_built_in

    from contact_columns

    union all

    -- A column of raw.contacts may have such a name; then rules test that column.
    select
        'accounts' as table_name,
        'account.' || lower(column_name) as column_name,
        false as is_built_in

    from account_columns

    where
        lower(column_name) <> 'account_id'
        and 'account.' || lower(column_name) not in (select lower(contact_columns.column_name) from contact_columns)

    union all

    select
        'events' as table_name,
        lower(column_name) as column_name,
        false as is_built_in

    from event_columns

    union all

    select
        'contacts' as table_name,
        built_in.column_name,
        true as is_built_in

    from (values ('email_domain'), ('email_is_valid')) as built_in (column_name)

    where built_in.column_name not in (select lower(contact_columns.column_name) from contact_columns)

)

select * from final
