-- A prospect is the Salesforce contact, else the lead, that Pardot links it to. Pardot has no time of the link, so it counts from when
-- both exist.

{%- set has_salesforce = 'salesforce' in connectors() %}

with

prospects as (

    select
        {{ source_id('pardot', 'id') }} as from_contact_id,
        coalesce({{ source_id('salesforce', 'crm_contact_fid') }}, {{ source_id('salesforce', 'crm_lead_fid') }}) as into_contact_id,
        {{ source_time('pardot', 'created_at') }} as merged_at

    from {{ source('pardot', 'prospect') }}

),

pairs as (

    select * from prospects
    where
        into_contact_id is not null
        -- Without the source salesforce its contacts are missing.
        and {{ 1 if has_salesforce else 0 }} = 1

),

final as (

    select * from {{ merges_of_contacts('pardot', 'pairs', survivors_of='salesforce' if has_salesforce else 'pardot') }}

)

select * from final
