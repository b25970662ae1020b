with

contacts as (

    select * from {{ ref('int_contact_row_counts') }}

),

events as (

    select * from {{ ref('int_event_row_counts') }}

),

identities as (

    select * from {{ ref('int_identity_row_counts') }}

),

outcomes as (

    select * from {{ ref('int_outcome_row_counts') }}

),

counted as (

    select
        'contacts' as table_name,
        contacts.*

    from contacts

    union all

    select
        'events' as table_name,
        events.*

    from events

    union all

    select
        'identities' as table_name,
        identities.*

    from identities

    union all

    select
        'outcomes' as table_name,
        outcomes.*

    from outcomes

),

final as (

    select
        table_name,
        load_date,
        {{ as_count('rows_in') }} as rows_in,
        {{ as_count('rows_used') }} as rows_used,
        {{ as_count('rows_waiting') }} as rows_waiting,
        {{ as_count('rows_duplicate') }} as rows_duplicate,
        {{ as_count('rows_rejected') }} as rows_rejected

    from counted

)

select * from final
