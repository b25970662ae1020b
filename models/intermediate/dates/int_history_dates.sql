-- As-of dates of the history after this build. A date keeps its published scores, unless it is requested or the latest.

with

asked_dates as (

    select
        as_of_date,
        max(case when is_explicit then 1 else 0 end) = 1 as is_explicit
    from {{ ref('int_asked_dates') }}
    group by as_of_date

),

scored_dates as (

    select distinct as_of_date from {{ ref('stg_scored_dates') }}

),

forgotten as (

    select distinct listed_date as as_of_date
    from {{ dates_of("'" ~ setting('forget') ~ "'") }}

),

dates as (

    select as_of_date from asked_dates
    where as_of_date not in (select forgotten.as_of_date from forgotten)

    union

    select as_of_date from scored_dates
    where as_of_date not in (select forgotten.as_of_date from forgotten)

),

latest as (

    select max(as_of_date) as as_of_date from dates

),

-- Without the setting all dates stay.
limits as (

    select {{ add_days('as_of_date', '-' ~ read_whole("'" ~ setting('keep_history_days') ~ "'")) }} as first_date
    from latest

),

retention as (

    select
        min(limits.first_date) as first_date,
        count(scored_dates.as_of_date) as dates_held,
        coalesce(sum(case when scored_dates.as_of_date < limits.first_date then 1 else 0 end), 0) as dates_too_old

    from limits

    left join scored_dates
        on scored_dates.as_of_date not in (select forgotten.as_of_date from forgotten)

),

-- One wrong date must not delete the history: if more than half of its dates (and more than one) are too old, all stay unless drop_history.
kept as (

    select dates.as_of_date

    from dates

    cross join retention

    where
        dates.as_of_date >= retention.first_date
        or retention.first_date is null
        or (
            retention.dates_too_old > 1
            and 2 * retention.dates_too_old > retention.dates_held
            and '{{ setting("drop_history") }}' <> 'yes'
        )

),

numbered as (

    select
        kept.as_of_date,
        row_number() over (order by kept.as_of_date) as date_number,
        lag(kept.as_of_date) over (order by kept.as_of_date) as previous_as_of_date,
        kept.as_of_date = latest.as_of_date as is_latest,
        coalesce(asked_dates.is_explicit, false) as is_explicit,
        {{ flags.FULL_REFRESH }}
        or kept.as_of_date = latest.as_of_date
        or scored_dates.as_of_date is null
        or coalesce(asked_dates.is_explicit, false) as is_in_run
    from kept
    cross join latest
    left join asked_dates on kept.as_of_date = asked_dates.as_of_date
    left join scored_dates on kept.as_of_date = scored_dates.as_of_date

),

final as (

    select
        *,
        not is_in_run and coalesce(lead(is_in_run) over (order by as_of_date), false) as is_before_run
    from numbered

)

select * from final
