with

final as (

    select *

    from {{ with_attributes(
        source('pardot', 'prospect'),
        {
            'contact_id': source_id('pardot', 'id'),
            'created_at': source_time('pardot', 'created_at'),
            'updated_at': source_time('pardot', 'null'),
            'email': read_text('email'),
            'account_id': source_id('pardot', 'prospect_account_id')
        },
        is_set('_fivetran_deleted'),
        left_out=['id', 'prospect_account_id', 'crm_last_sync', 'last_activity_at', 'password']
    ) }}

)

select * from final -- noqa: AM04
