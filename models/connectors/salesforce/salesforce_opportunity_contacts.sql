-- Contacts of an opportunity: those with a role, else the contact of the converted lead, else all contacts of its account.

with

takers as (

    select
        {{ read_text('opportunity_id') }} as opportunity_id,
        {{ read_text('contact_id') }} as contact_id,
        1 as way,
        case when {{ is_set('is_primary') }} then 1 else 2 end as place
    from {{ source('salesforce', 'opportunity_contact_role') }}
    where
        not {{ is_set('is_deleted') }}
        and {{ is_current('_fivetran_active') }}

    union all

    select
        {{ read_text('converted_opportunity_id') }} as opportunity_id,
        {{ read_text('converted_contact_id') }} as contact_id,
        2 as way,
        1 as place
    from {{ source('salesforce', 'lead') }}
    where
        {{ read_text('converted_contact_id') }} is not null
        and {{ is_current('_fivetran_active') }}

    union all

    select distinct
        {{ read_text('opportunities.id') }} as opportunity_id,
        {{ read_text('contacts.id') }} as contact_id,
        3 as way,
        1 as place
    from {{ source('salesforce', 'opportunity') }} as opportunities
    inner join {{ source('salesforce', 'contact') }} as contacts
        on {{ read_text('opportunities.account_id') }} = {{ read_text('contacts.account_id') }}
    where
        not {{ is_set('contacts.is_deleted') }}
        and {{ is_current('contacts._fivetran_active') }}
        and {{ is_current('opportunities._fivetran_active') }}

),

final as (

    select
        opportunity_id,
        contact_id,
        rank() over (partition by opportunity_id order by way) as way_rank,
        row_number() over (partition by opportunity_id order by way, min(place), contact_id) as place

    from takers

    group by opportunity_id, contact_id, way

)

select * from final
