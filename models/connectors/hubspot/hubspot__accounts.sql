with

final as (

    select *

    from {{ with_attributes(
        source('hubspot', 'company'),
        {
            'account_id': source_id('hubspot', 'id'),
            'created_at': read_timestamp('property_createdate'),
            'updated_at': read_timestamp('null'),
            'name': read_text('property_name')
        },
        is_set('is_deleted'),
        prefix='property_',
        left_out=['property_createdate']
    ) }}

)

select * from final -- noqa: AM04
