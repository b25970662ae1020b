{{ config(materialized='view') }}

with

received_days as (

    select * from {{ ref('int_received_days') }}

),

visitors as (

    select * from {{ ref('int_visitor_contacts') }}

),

versions as (

    select * from {{ ref('int_contact_versions') }}

),

final as (

    select
        'events' as raw_table,
        day_version as row_key,
        received_date as known_date

    from received_days

    union all

    -- Whose a visitor is also depends on which contacts there are.
    select
        'identities' as raw_table,
        {{ hash_of_all(['anonymous_id', 'contact_id', 'identified_at']) }} as row_key,
        {{ as_date('identified_at') }} as known_date

    from visitors

    union all

    -- The earliest version of a contact also stands for the dates before it.
    select
        'contacts' as raw_table,
        version_hash as row_key,
        coalesce(valid_from, {{ as_date('created_at') }}) as known_date

    from versions

)

select * from final
