-- Beside int_lost_rows, which nearly all models follow: crm_sync is the last of them.

with

published as (

    select distinct contact_id from {{ ref('stg_crm_sync') }}
    where
        not is_deleted
        and contact_id is not null

),

contacts as (

    select distinct contact_id from {{ ref('stg_contacts') }}

),

erasures as (

    select distinct erased_contact_id from {{ ref('stg_erasures') }}

),

final as (

    select
        count(*) as contacts_before,
        count(case when contacts.contact_id is null then published.contact_id end) as contacts_missing
    from published
    left join contacts on published.contact_id = contacts.contact_id
    left join erasures on published.contact_id = erasures.erased_contact_id
    where erasures.erased_contact_id is null

)

select * from final
