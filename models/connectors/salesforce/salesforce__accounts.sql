with

final as (

    select *

    from {{ with_attributes(
        source('salesforce', 'account'),
        {
            'account_id': source_id('salesforce', 'id'),
            'created_at': read_timestamp('created_date'),
            'updated_at': read_timestamp('_fivetran_start'),
            'name': read_text('name')
        },
        is_set('is_deleted'),
        left_out=['id', 'created_date', 'last_viewed_date', 'last_referenced_date']
    ) }}

)

select * from final -- noqa: AM04
