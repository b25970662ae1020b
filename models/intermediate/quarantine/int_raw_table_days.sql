with

contacts as (

    select * from {{ ref('stg_contacts') }}
    where contact_id is not null

),

event_days as (

    select * from {{ ref('int_raw_days') }}

),

identities as (

    select * from {{ ref('stg_identities') }}

),

outcomes as (

    select * from {{ ref('stg_outcomes') }}

),

-- Contacts, not versions: a source that overwrites a contact moves its row to another day of updated_at.
created_contacts as (

    select
        contact_id,
        {{ as_date('min(created_at)') }} as raw_date

    from contacts

    group by contact_id

),

final as (

    select
        'contacts' as table_name,
        raw_date,
        count(*) as rows_known

    from created_contacts

    group by raw_date

    union all

    select
        'events' as table_name,
        nullif(received_date, {{ as_date("'0001-01-01'") }}) as raw_date,
        rows_in as rows_known

    from event_days

    union all

    select
        'identities' as table_name,
        {{ as_date('identified_at') }} as raw_date,
        count(*) as rows_known

    from identities

    group by {{ as_date('identified_at') }}

    union all

    select
        'outcomes' as table_name,
        {{ as_date('occurred_at') }} as raw_date,
        count(*) as rows_known

    from outcomes

    group by {{ as_date('occurred_at') }}

)

select * from final
