with

deleted as (

    select distinct {{ read_text('lead_id') }} as deleted_lead_id from {{ source('marketo', 'activity_delete_lead') }}

),

-- Read by its name below.
leads as ( -- noqa: ST03

    select
        leads.*,
        deleted.deleted_lead_id

    from {{ source('marketo', 'lead') }} as leads

    left join deleted on {{ read_text('leads.id') }} = deleted.deleted_lead_id

),

final as (

    select *

    from {{ with_attributes(
        'leads',
        {
            'contact_id': source_id('marketo', 'id'),
            'created_at': read_timestamp('created_at'),
            'updated_at': read_timestamp('null'),
            'email': read_text('email'),
            'account_id': as_text('null')
        },
        "case when deleted_lead_id is null then 'false' else 'true' end",
        left_out=['id', 'deleted_lead_id']
    ) }}

)

select * from final -- noqa: AM04
