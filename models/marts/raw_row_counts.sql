with

contacts as (

    select distinct contact_id from {{ ref('int_contact_versions') }}

),

counted as (

    select
        table_name,
        load_date,
        measure,
        number
    from {{ ref('int_row_counts') }}

    union all

    select
        'events' as table_name,
        nullif(received_date, {{ as_date("'0001-01-01'") }}) as load_date,
        'rows_in' as measure,
        rows_in as number
    from {{ ref('int_raw_days') }}

    union all

    -- Events of unidentified visitors are unresolved.
    select
        'events' as table_name,
        received_date as load_date,
        case
            when filtered_date is not null then 'rows_filtered'
            when contact_id is null then 'rows_waiting'
            else 'rows_used'
        end as measure,
        count(*) as number
    from {{ ref('int_events') }}
    where not is_inherited
    group by received_date, filtered_date is not null, contact_id is null

    union all

    -- A duplicate with an unknown contact is rejected.
    select
        'events' as table_name,
        received_date as load_date,
        'rows_duplicate' as measure,
        1 as number
    from {{ ref('int_event_copies') }}
    where
        copy_number > 1
        and (contact_id is null or contact_id in (select contacts.contact_id from contacts))

    union all

    select 'contacts' as table_name, load_date, 'rows_rejected' as measure, 1 as number -- noqa: LT09
    from {{ ref('rejected_contacts') }}

    union all

    select 'accounts' as table_name, load_date, 'rows_rejected' as measure, 1 as number -- noqa: LT09
    from {{ ref('rejected_accounts') }}

    union all

    select 'events' as table_name, load_date, 'rows_rejected' as measure, 1 as number -- noqa: LT09
    from {{ ref('rejected_events') }}

    union all

    select 'identities' as table_name, load_date, 'rows_rejected' as measure, 1 as number -- noqa: LT09
    from {{ ref('rejected_identities') }}

    union all

    select 'outcomes' as table_name, load_date, 'rows_rejected' as measure, 1 as number -- noqa: LT09
    from {{ ref('rejected_outcomes') }}

    union all

    select 'merges' as table_name, load_date, 'rows_rejected' as measure, 1 as number -- noqa: LT09
    from {{ ref('rejected_merges') }}

    union all

    select 'contact_attributes' as table_name, load_date, 'rows_rejected' as measure, 1 as number -- noqa: LT09
    from {{ ref('rejected_contact_attributes') }}

    union all

    select 'overrides' as table_name, load_date, 'rows_rejected' as measure, 1 as number -- noqa: LT09
    from {{ ref('rejected_overrides') }}

),

final as (

    select
        table_name,
        load_date,
        {{ as_count("sum(case when measure = 'rows_in' then number else 0 end)") }} as rows_in,
        {{ as_count("sum(case when measure = 'rows_used' then number else 0 end)") }} as rows_used,
        {{ as_count("sum(case when measure = 'rows_waiting' then number else 0 end)") }} as rows_waiting,
        {{ as_count("sum(case when measure = 'rows_duplicate' then number else 0 end)") }} as rows_duplicate,
        {{ as_count("sum(case when measure = 'rows_filtered' then number else 0 end)") }} as rows_filtered,
        {{ as_count("sum(case when measure = 'rows_rejected' then number else 0 end)") }} as rows_rejected

    from counted

    group by
        table_name,
        load_date

)

select * from final
