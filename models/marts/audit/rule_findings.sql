-- What is to be told of rules and as-of dates. A finding may be a list: each item is a row, with how many raw rows it concerns.

with

mentioned as (

    select
        rule_id,
        attribute
    from {{ ref('int_attribute_rules') }}

    union all

    select
        rule_id,
        and_attribute as attribute
    from {{ ref('int_attribute_rules') }}
    where and_attribute is not null

),

history_dates as (

    select * from {{ ref('int_history_dates') }}

),

settings as (

    select
        {{ add_days(read_date("'" ~ setting('run_date') ~ "'"), 1) }} as latest_date,
        {{ read_whole("'" ~ setting('keep_history_days') ~ "'") }} as keep_days

),

-- Where more than half of the history is too old, it stays until told to go.
kept as (

    select
        history_dates.as_of_date,
        settings.keep_days,
        case
            when {{ add_days('history_dates.as_of_date', 'settings.keep_days') }} < max(history_dates.as_of_date) over () then 1
            else 0
        end as is_too_old
    from history_dates

    cross join settings

),

found as (

    select
        'unknown attribute' as topic,
        attribute as subject,
        {{ joined('rule_id', "', '", 'rule_id') }} as item,
        0 as rows_concerned
    from mentioned
    where
        attribute not in (
            select known.column_name from {{ ref('stg_raw_columns') }} as known
            where known.table_name = 'contacts'
        )
    group by attribute

    union all

    select
        case when history_dates.as_of_date is null then 'as-of date not in the history' else 'as-of date in the future' end as topic,
        {{ as_text('asked_dates.as_of_date') }} as subject,
        {{ as_text('asked_dates.as_of_date') }} as item,
        0 as rows_concerned
    from {{ ref('int_asked_dates') }} as asked_dates
    cross join settings

    left join history_dates on asked_dates.as_of_date = history_dates.as_of_date

    where
        history_dates.as_of_date is null
        or asked_dates.as_of_date > settings.latest_date

    union all

    select
        'history kept' as topic,
        {{ as_text('keep_days') }} as subject,
        {{ count_text('count(*)') }} as item,
        sum(is_too_old) as rows_concerned
    from kept
    group by keep_days

    having sum(is_too_old) > 0

    union all

    select
        topic,
        '' as subject,
        coalesce(name, '') || case topic
            when 'event type without rule' then ' (' || {{ count_text('rows_concerned') }} || ' events)'
            else ''
        end as item,
        rows_concerned
    from {{ ref('scoring_coverage') }}

),

final as (

    select
        topic,
        subject,
        item,
        {{ as_count('rows_concerned') }} as rows_concerned
    from found

)

select * from final
