-- A prospect is the contact, else the lead, of Salesforce to which Pardot has linked it. Since when, Pardot does not say.

with

prospects as (

    select
        {{ source_id('pardot', 'id') }} as from_contact_id,
        coalesce({{ source_id('salesforce', 'crm_contact_fid') }}, {{ source_id('salesforce', 'crm_lead_fid') }}) as into_contact_id,
        {{ source_time('pardot', 'created_at') }} as merged_at

    from {{ source('pardot', 'prospect') }}

),

final as (

    select * from prospects
    where
        into_contact_id is not null
        -- Without Salesforce the contact would not be there.
        and {{ 1 if 'salesforce' in connectors() else 0 }} = 1

)

select * from final
