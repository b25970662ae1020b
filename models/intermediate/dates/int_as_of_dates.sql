-- The dates that this build scores.

with

history_dates as (

    select * from {{ ref('int_history_dates') }}

),

lost_rows as (

    select * from {{ ref('int_lost_rows') }}

),

-- Where raw tables have lost rows, the law's test stops the build before anything is scored (tests/laws).
final as (

    select
        history_dates.as_of_date,
        history_dates.date_number,
        history_dates.previous_as_of_date,
        history_dates.is_latest,
        history_dates.is_explicit

    from history_dates

    where
        history_dates.is_in_run
        and not exists (select 1 from lost_rows where lost_rows.is_refused)

)

select * from final
