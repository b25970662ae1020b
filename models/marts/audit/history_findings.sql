-- Findings about as-of dates: requested dates, kept dates, and published dates that late rows would change or other rules
-- scored. One row per item of a finding.

with

settings as (

    select
        {{ add_days(read_date("'" ~ setting('run_date') ~ "'"), 1) }} as latest_date,
        {{ read_whole("'" ~ setting('keep_history_days') ~ "'") }} as keep_days

),

history_dates as (

    select * from {{ ref('int_history_dates') }}

),

-- From the first date with late rows, because band states carry over. Every run scores the latest date.
published_dates as (

    select
        as_of_date,
        max(late_rows) as late_rows,
        max(max(late_rows)) over (order by as_of_date) > 0 as is_stale,
        as_of_date = max(as_of_date) over () as is_latest
    from {{ ref('scored_dates') }}
    group by as_of_date

),

-- least() ignores nulls.
stale_dates as (

    select
        as_of_date,
        late_rows,
        least(
            {{ days_between('lag(as_of_date) over (order by as_of_date)', 'as_of_date') }},
            {{ days_between('as_of_date', 'lead(as_of_date) over (order by as_of_date)') }}
        ) as days_apart
    from published_dates
    where is_stale and not is_latest

),

-- Gaps and islands: dates of one range are equally far apart, so date minus number of steps is constant.
numbered as (

    select
        *,
        {{ add_days('as_of_date', '-days_apart * row_number() over (partition by days_apart order by as_of_date)') }} as day_before_range
    from stale_dates

),

ranges as (

    select
        min(as_of_date) as from_date,
        count(case when late_rows > 0 then 1 end) as dates_with_late_rows,
        '--as-of ' || {{ as_text('min(as_of_date)') }}
        || case when count(*) > 1 then '..' || {{ as_text('max(as_of_date)') }} else '' end
        || case when count(*) > 1 and days_apart > 1 then '/' || {{ as_text('days_apart') }} else '' end as as_of_option
    from numbered
    group by days_apart, day_before_range

),

final as (

    select
        'rows are late' as topic,
        {{ as_text('min(from_date)') }} as subject,
        {{ joined('as_of_option', "' '", 'from_date') }} as item,
        {{ as_count('sum(dates_with_late_rows)') }} as rows_concerned
    from ranges
    having count(*) > 0

    union all

    select
        'evaluation is due' as topic,
        '--evaluate ' || {{ as_text('max(max(weeks_back)) over ()') }} as subject,
        model_id || ' (' || {{ count_text('count(*)') }} || case when count(*) = 1 then ' week)' else ' weeks)' end as item,
        count(*) as rows_concerned
    from {{ ref('int_evaluated_weeks') }}
    where not is_by_current_rules
    group by model_id

    union all

    select
        case when history_dates.as_of_date is null then 'as-of date not in the history' else 'as-of date in the future' end as topic,
        {{ as_text('asked_dates.as_of_date') }} as subject,
        {{ as_text('asked_dates.as_of_date') }} as item,
        0 as rows_concerned
    from {{ ref('int_asked_dates') }} as asked_dates
    cross join settings
    left join history_dates on asked_dates.as_of_date = history_dates.as_of_date
    where history_dates.as_of_date is null or asked_dates.as_of_date > settings.latest_date

    union all

    -- If more than half of the history is too old, it stays without drop_history.
    select
        'history kept' as topic,
        {{ as_text('settings.keep_days') }} as subject,
        {{ count_text('count(*)') }} as item,
        count(case when {{ add_days('history_dates.as_of_date', 'settings.keep_days') }} < latest.as_of_date then 1 end) as rows_concerned
    from history_dates
    inner join history_dates as latest on latest.is_latest
    cross join settings
    group by settings.keep_days
    having min({{ add_days('history_dates.as_of_date', 'settings.keep_days') }}) < max(latest.as_of_date)

)

select * from final
