{{ config(materialized='table') }}

with

history_dates as (

    select * from {{ ref('int_history_dates') }}

),

goals as (

    select * from {{ ref('int_conversion_goals') }}

),

history_models as (

    select * from {{ ref('int_history_models') }}

),

rules_versions as (

    select * from {{ ref('int_rules_versions') }}

),

latest as (

    select as_of_date from history_dates
    where is_latest

),

-- Scores of neighbouring days say much the same: of each week, Monday to Sunday, the last date counts.
weeks as (

    select
        as_of_date,
        as_of_date = max(as_of_date) over (
            partition by {{ whole_divided(days_between(as_date("'1900-01-01'"), 'as_of_date'), 7) }}
        ) as is_last_of_week

    from history_dates

),

final as (

    select
        goals.model_id,
        weeks.as_of_date,
        {{ month_text('weeks.as_of_date') }} as period,
        {{ add_days('weeks.as_of_date', 'goals.within_days') }} <= latest.as_of_date as is_complete,
        weeks.as_of_date = latest.as_of_date as is_latest,
        history_models.is_in_run,
        history_models.rules_version

    from weeks

    cross join latest

    inner join goals
        on {{ days_between('weeks.as_of_date', 'latest.as_of_date') }} <= goals.evaluated_days

    inner join history_models
        on
            weeks.as_of_date = history_models.as_of_date
            and goals.model_id = history_models.model_id

    -- Scores by other rules are not judged with these.
    inner join rules_versions
        on
            history_models.model_id = rules_versions.model_id
            and history_models.rules_version = rules_versions.rules_version

    where weeks.is_last_of_week

)

select * from final
