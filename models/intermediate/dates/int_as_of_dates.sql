-- Dates that this build scores.

with

history_dates as (

    select * from {{ ref('int_history_dates') }}

),

lost_rows as (

    select * from {{ ref('int_lost_rows') }}
    where is_refused

),

rule_problems as (

    select * from {{ ref('int_rule_problems') }}

),

-- Nothing is scored if raw tables have lost rows or a rule file has an error. A build stops earlier: tests of these models fail.
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
        and not exists (select 1 from lost_rows)
        and not exists (select 1 from rule_problems)

)

select * from final
