-- HubSpot overwrites its contacts, so the row holds current values. Earlier ones are in hubspot__contact_attributes.

with

final as (

    select *

    from {{ with_attributes(
        source('hubspot', 'contact'),
        {
            'contact_id': source_id('hubspot', 'id'),
            'created_at': read_timestamp('property_createdate'),
            'updated_at': read_timestamp('null'),
            'email': read_text('property_email'),
            'account_id': source_id('hubspot', 'property_associatedcompanyid')
        },
        is_set('_fivetran_deleted'),
        prefix='property_',
        left_out=[
            'property_createdate', 'property_associatedcompanyid', 'property_hs_merged_object_ids', 'property_hs_calculated_merged_vids'
        ]
    ) }}

)

select * from final -- noqa: AM04
