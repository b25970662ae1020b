-- A conversion has a date without a time, so the lead is the contact from the end of that day.

with

links as (

    select
        {{ read_text('id') }} as from_id,
        {{ read_text('converted_contact_id') }} as into_id,
        {{ source_day_end('salesforce', 'converted_date') }} as merged_at
    from {{ source('salesforce', 'lead') }}

    union all

    select
        {{ read_text('id') }} as from_id,
        {{ read_text('master_record_id') }} as into_id,
        {{ read_timestamp('system_modstamp') }} as merged_at
    from {{ source('salesforce', 'lead') }}

    union all

    select
        {{ read_text('id') }} as from_id,
        {{ read_text('master_record_id') }} as into_id,
        {{ read_timestamp('system_modstamp') }} as merged_at
    from {{ source('salesforce', 'contact') }}

),

pairs as (

    select
        'salesforce:' || from_id as from_contact_id,
        'salesforce:' || into_id as into_contact_id,
        min(merged_at) as merged_at

    from links

    where
        from_id is not null
        and into_id is not null

    group by from_id, into_id

),

final as (

    select * from {{ merges_of_contacts('salesforce', 'pairs') }}

)

select * from final
