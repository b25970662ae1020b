-- Contacts, and visitors identified as contacts. Keys are numbers: joins by text take twice as long.

with

contacts as (

    select distinct contact_id from {{ ref('stg_contacts') }}
    where rejected_because is null

),

visitors as (

    select * from {{ ref('int_visitor_contacts') }}

),

actors as (

    select
        'contact:' || contact_id as actor_id,
        contact_id,
        {{ as_date('null') }} as identified_date

    from contacts

    union all

    select
        'visitor:' || anonymous_id as actor_id,
        contact_id,
        {{ as_date('identified_at') }} as identified_date

    from visitors

),

final as (

    select
        {{ hash_number(['actor_id']) }} as actor_key,
        {{ hash_number(['contact_id']) }} as contact_key,
        actor_id,
        contact_id,
        identified_date

    from actors

)

select * from final
