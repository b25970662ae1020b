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
        {{ as_count("sum(case when measure = 'rows_in' then number else 0 end)") }} as rows_in,
        {{ as_count("sum(case when measure = 'rows_used' then number else 0 end)") }} as rows_used,
        {{ as_count("sum(case when measure = 'rows_waiting' then number else 0 end)") }} as rows_waiting,
        {{ as_count("sum(case when measure = 'rows_duplicate' then number else 0 end)") }} as rows_duplicate,
        {{ as_count("sum(case when measure = 'rows_rejected' then number else 0 end)") }} as rows_rejected

    from counted

    group by
        table_name,
        load_date

)

select * from final
