-- Findings about published dates: dates that late rows would change, and weeks scored by other rules. One row per item of a finding.

with

scored_dates as (

    select * from {{ ref('scored_dates') }}

),

bounds as (

    select
        min(case when late_rows > 0 then as_of_date end) as first_late_date,
        max(as_of_date) as latest_date
    from scored_dates

),

-- From the first date with late rows, because band states carry over. Every run scores the latest date.
stale_dates as (

    select
        scored_dates.as_of_date,
        max(scored_dates.late_rows) as late_rows

    from scored_dates

    inner join bounds
        on
            scored_dates.as_of_date >= bounds.first_late_date
            and scored_dates.as_of_date < bounds.latest_date

    group by scored_dates.as_of_date

),

neighbours as (

    select
        *,
        {{ days_between('lag(as_of_date) over (order by as_of_date)', 'as_of_date') }} as days_since,
        {{ days_between('as_of_date', 'lead(as_of_date) over (order by as_of_date)') }} as days_until

    from stale_dates

),

spaced as (

    select
        *,
        least(coalesce(days_since, days_until), coalesce(days_until, days_since)) as days_apart
    from neighbours

),

-- Gaps and islands: dates of one range are equally far apart, so date minus number of steps is constant.
numbered as (

    select
        *,
        {{ add_days('as_of_date', '-days_apart * row_number() over (partition by days_apart order by as_of_date)') }} as day_before_range
    from spaced

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

weeks as (

    select * from {{ ref('int_evaluated_weeks') }}
    where not is_by_current_rules

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
        {{ as_count('count(*)') }} as rows_concerned

    from weeks

    group by model_id

)

select * from final
