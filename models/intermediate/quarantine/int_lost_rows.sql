with

days as (

    select * from {{ ref('int_raw_table_days') }}

),

erased_contacts as (

    select count(distinct erased_contact_id) as contacts from {{ ref('stg_erasures') }}

),

tables as (

    select
        table_name,
        sum(rows_before) as rows_before,
        sum(rows_now) as rows_now,
        sum(rows_lost) as rows_lost,
        sum(case when rows_lost > 0 then 1 else 0 end) as days_with_loss,
        -- A day of events that has gone is an older file, or a load that failed; of a few rows it may be a correction.
        sum(case when rows_lost >= 10 and rows_now = 0 and table_name <> 'contacts' then 1 else 0 end) as days_gone,
        min(case when rows_lost > 0 then raw_date end) as first_day,
        max(case when rows_lost > 0 then raw_date end) as last_day

    from days

    group by table_name

),

counted as (

    select
        tables.table_name,
        {{ as_count('tables.rows_before') }} as rows_before,
        {{ as_count('tables.rows_now') }} as rows_now,
        -- A contact that is erased has gone on purpose.
        case
            when tables.table_name = 'contacts' then {{ as_count('tables.rows_lost - erased_contacts.contacts') }}
            else {{ as_count('tables.rows_lost') }}
        end as rows_lost,
        {{ as_count('tables.days_with_loss') }} as days_with_loss,
        {{ as_count('tables.days_gone') }} as days_gone,
        tables.first_day,
        tables.last_day

    from tables

    cross join erased_contacts

),

final as (

    select
        *,
        '{{ env_var("LEAD_SCORING_ALLOW_LOST_ROWS", "no") }}' <> 'yes'
        and (
            rows_now = 0
            or days_gone > 0
            or 100 * rows_lost > {{ env_var('LEAD_SCORING_MAX_LOST_PERCENT', '5') }} * rows_before
        ) as is_refused

    from counted

    where rows_lost > 0

)

select * from final
