-- Contacts and leads; salesforce__merges has the converted leads. In history mode each row is a version.

{%- set stated = {
    'contact_id': source_id('salesforce', 'id'),
    'created_at': read_timestamp('created_date'),
    'updated_at': read_timestamp('_fivetran_start'),
    'email': read_text('email')
} -%}
{%- set left_out = [
    'id', 'created_date', 'system_modstamp', 'master_record_id', 'last_viewed_date', 'last_referenced_date', 'account_id'
] %}

with

final as (

    select *

    from {{ union_by_name([
        with_attributes(
            source('salesforce', 'contact'),
            dict(stated, account_id=source_id('salesforce', 'account_id'), object="'contact'"),
            is_set('is_deleted'),
            left_out=left_out
        ),
        with_attributes(
            source('salesforce', 'lead'),
            dict(stated, account_id=as_text('null'), object="'lead'"),
            is_set('is_deleted'),
            left_out=left_out + ['converted_date', 'converted_contact_id', 'converted_opportunity_id', 'converted_account_id']
        )
    ]) }}

)

select * from final -- noqa: AM04
