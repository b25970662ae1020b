with

lost_days as (

    select
        *,
        row_number() over (partition by table_name order by rows_lost desc, raw_date asc) as place

    from {{ ref('int_lost_days') }}

),

erased_contacts as (

    select count(*) as contacts from {{ ref('int_erased_contacts') }}

),

before as (

    select
        table_name,
        sum(rows_known) as rows_before

    from {{ ref('stg_raw_table_days') }}

    group by table_name

),

now as (

    select
        table_name,
        sum(rows_known) as rows_now

    from {{ ref('int_raw_table_days') }}

    group by table_name

),

lost as (

    select
        table_name,
        sum(rows_lost) as rows_lost,
        count(*) as days_with_loss,
        min(raw_date) as first_day,
        max(raw_date) as last_day,
        -- A day of events that has gone is an older file, or a load that failed; of a few rows it may be a correction.
        sum(case when rows_now = 0 and rows_before >= 10 and table_name <> 'contacts' then 1 else 0 end) as days_gone,
        {{ joined(
            "case when place <= 5 then coalesce(" ~ as_text('raw_date') ~ ", 'no day') || ' (' || " ~ count_text('rows_before')
            ~ " || ' rows, now ' || " ~ count_text('rows_now') ~ " || ')' end", "', '", 'place'
        ) }} as worst_days

    from lost_days

    group by table_name

),

counted as (

    select
        lost.table_name,
        before.rows_before,
        coalesce(now.rows_now, 0) as rows_now,
        -- A contact that is erased has gone on purpose.
        case
            when lost.table_name = 'contacts' then greatest(lost.rows_lost - erased_contacts.contacts, 0)
            else lost.rows_lost
        end as rows_lost,
        lost.days_with_loss,
        lost.days_gone,
        lost.first_day,
        lost.last_day,
        lost.worst_days

    from lost

    cross join erased_contacts

    inner join before on lost.table_name = before.table_name

    left join now on lost.table_name = now.table_name

),

final as (

    select
        *,
        {{ count_text('rows_lost') }} || ' of ' || {{ count_text('rows_before') }} || ' rows are gone ('
        || {{ count_text('rows_now') }} || ' now): '
        || case
            when days_with_loss > 5
                then {{ count_text('days_with_loss') }} || ' days from ' || first_day || ' to ' || last_day || ', most on '
            else ''
        end
        || worst_days as finding,
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
