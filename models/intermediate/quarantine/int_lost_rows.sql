with

days as (

    select
        *,
        row_number() over (partition by table_name order by rows_lost desc, raw_date asc) as place
    from {{ ref('int_raw_table_days') }}

),

-- Those that an earlier build erased are not in the counts of the last one.
erased_contacts as (

    select coalesce({{ read_whole("'" ~ setting('erased_now') ~ "'") }}, count(distinct erased_contact_id)) as contacts
    from {{ ref('stg_erasures') }}

),

tables as (

    select
        table_name,
        {{ as_count('sum(rows_before)') }} as rows_before,
        {{ as_count('sum(rows_now)') }} as rows_now,
        {{ as_count('sum(rows_lost)') }} as rows_lost,
        {{ as_count('sum(case when rows_lost > 0 then 1 else 0 end)') }} as days_with_loss,
        -- A missing day of events indicates an older file or a failed load; with few rows it may be a correction.
        {{ as_count("sum(case when rows_lost >= 10 and rows_now = 0 and table_name <> 'contacts' then 1 else 0 end)") }} as days_gone,
        min(case when rows_lost > 0 then raw_date end) as first_day,
        max(case when rows_lost > 0 then raw_date end) as last_day,
        {{ joined(
            "case when place <= 5 and rows_lost > 0 then coalesce(" ~ as_text('raw_date') ~ ", 'no day') || ' (' || " ~ count_text('rows_before')
            ~ " || ' rows, now ' || " ~ count_text('rows_now') ~ " || ')' end", "', '", 'place'
        ) }} as worst_days
    from days
    group by table_name

),

-- Erased contacts are removed on purpose.
counted as (

    select
        tables.table_name,
        tables.rows_before,
        tables.rows_now,
        case
            when tables.table_name = 'contacts' then tables.rows_lost - {{ as_count('erased_contacts.contacts') }}
            else tables.rows_lost
        end as rows_lost,
        tables.days_with_loss,
        tables.days_gone,
        tables.first_day,
        tables.last_day,
        tables.worst_days
    from tables
    cross join erased_contacts

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
        '{{ setting("allow_lost_rows") }}' <> 'yes'
        -- A source may undo a few merges, and a person may withdraw a few overrides. A table without rows is a lost file.
        and (table_name not in ('merges', 'overrides') or rows_lost >= 10 or rows_now = 0)
        and (
            rows_now = 0
            or days_gone > 0
            or 100 * rows_lost > {{ setting('max_lost_percent') }} * rows_before
        ) as is_refused
    from counted
    where rows_lost > 0

)

select * from final
