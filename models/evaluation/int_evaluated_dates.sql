{{ config(materialized='table') }}

with

history_models as (

    select * from {{ ref('int_history_models') }}

),

rules_versions as (

    select * from {{ ref('int_rules_versions') }}

),

run_dates as (

    select * from {{ ref('int_as_of_dates') }}

),

goals as (

    select * from {{ ref('int_conversion_goals') }}

),

latest as (

    select
        max(case when is_latest then as_of_date end) as latest_date,
        min(as_of_date) as first_run_date
    from run_dates

),

-- Only dates scored by the current rules count, and of each week only the last date: scores of neighbouring days are nearly equal.
weeks as (

    select
        history_models.model_id,
        history_models.as_of_date,
        history_models.is_last_of_week

    from history_models

    inner join rules_versions
        on
            history_models.model_id = rules_versions.model_id
            and history_models.rules_version = rules_versions.rules_version

),

final as (

    select
        goals.goal_key,
        weeks.model_id,
        weeks.as_of_date,
        {{ month_text('weeks.as_of_date') }} as period,
        goals.is_main,
        goals.eligible,
        {{ add_days('weeks.as_of_date', 'goals.within_days') }} as known_on,
        weeks.is_last_of_week
        and {{ add_days('weeks.as_of_date', 'goals.within_days') }} <= latest.latest_date as is_complete,
        weeks.is_last_of_week
        and {{ add_days('weeks.as_of_date', 'goals.evaluated_days') }} >= latest.latest_date as is_recent,
        run_dates.as_of_date is not null as is_of_run

    from weeks

    cross join latest

    inner join goals on weeks.model_id = goals.model_id

    left join run_dates on weeks.as_of_date = run_dates.as_of_date

    -- A prediction for the first evaluated date, or the first date of the run, uses dates that are older by evaluated_days.
    where
        (weeks.is_last_of_week or run_dates.as_of_date is not null)
        and {{ add_days('weeks.as_of_date', 'goals.evaluated_days') }}
        >= least(latest.first_run_date, {{ add_days('latest.latest_date', '-goals.evaluated_days') }})

)

select * from final
