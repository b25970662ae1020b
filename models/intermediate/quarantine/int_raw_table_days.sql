-- Erased rows and rows beyond the source's retention are not lost.

with

event_days as (

    select * from {{ ref('int_raw_days') }}

),

-- Contacts, not versions: a source that overwrites a contact moves its row to another updated_at.
created_contacts as (

    select {{ as_date('min(created_at)') }} as raw_date from {{ ref('stg_contacts') }}
    where contact_id is not null
    group by contact_id

),

created_accounts as (

    select {{ as_date('min(created_at)') }} as raw_date from {{ ref('stg_accounts') }}
    where account_id is not null
    group by account_id

),

dated_rows as (

    select 'contacts' as table_name, raw_date from created_contacts -- noqa: LT09
    union all
    select 'accounts' as table_name, raw_date from created_accounts -- noqa: LT09
    union all
    select 'identities' as table_name, {{ as_date('identified_at') }} as raw_date from {{ ref('stg_identities') }} -- noqa: LT09
    union all
    select 'outcomes' as table_name, {{ as_date('occurred_at') }} as raw_date from {{ ref('stg_outcomes') }} -- noqa: LT09
    union all
    select 'merges' as table_name, {{ as_date('merged_at') }} as raw_date from {{ ref('stg_merges') }} -- noqa: LT09
    union all
    select 'contact_attributes' as table_name, {{ as_date('changed_at') }} as raw_date from {{ ref('stg_attribute_changes') }} -- noqa: LT09
    union all
    select 'overrides' as table_name, valid_from as raw_date from {{ ref('stg_overrides') }} -- noqa: LT09

),

counted as (

    select
        table_name,
        raw_date,
        rows_known as rows_before,
        0 as rows_now,
        rows_erased
    from {{ ref('stg_raw_table_days') }}

    union all

    select
        'events' as table_name,
        nullif(received_date, {{ as_date("'0001-01-01'") }}) as raw_date,
        0 as rows_before,
        rows_in as rows_now,
        0 as rows_erased
    from event_days

    union all

    select
        table_name,
        raw_date,
        0 as rows_before,
        1 as rows_now,
        0 as rows_erased
    from dated_rows

),

days as (

    select
        table_name,
        raw_date,
        {{ as_count('sum(rows_before)') }} as rows_before,
        {{ as_count('sum(rows_now)') }} as rows_now,
        sum(rows_erased) as rows_erased,
        -- Newest day in the raw table now.
        max(max(case when rows_now > 0 then raw_date end)) over (partition by table_name) as newest_day
    from counted
    group by table_name, raw_date

),

final as (

    select
        table_name,
        raw_date,
        rows_before,
        rows_now,
        case
            when
                table_name in ('contacts', 'accounts')
                or raw_date is null
                or raw_date >= coalesce(
                    {{ add_days('newest_day', '-' ~ read_whole("'" ~ setting('raw_keeps_days') ~ "'")) }}, raw_date
                )
                then {{ as_count('greatest(rows_before - rows_now - rows_erased, 0)') }}
            else 0
        end as rows_lost
    from days

)

select * from final
