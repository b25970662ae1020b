{{ config(materialized='view') }}

-- Weeks (Monday to Sunday) that evaluation may read, and whether the current rules scored a date in them.

with

history_models as (

    select * from {{ ref('int_history_models') }}

),

rules_versions as (

    select * from {{ ref('int_rules_versions') }}

),

goals as (

    select
        model_id,
        max(evaluated_days) as evaluated_days

    from {{ ref('int_conversion_goals') }}

    where outcome in (select outcomes.outcome from {{ ref('int_outcomes') }} as outcomes)

    group by model_id

),

first_contact as (

    select min({{ as_date('created_at') }}) as created_date from {{ ref('int_contact_versions') }}

),

-- 1900-01-01 was a Monday.
dates as (

    select
        model_id,
        rules_version,
        as_of_date,
        {{ add_days('as_of_date', '6 - mod(' ~ days_between(as_date("'1900-01-01'"), 'as_of_date') ~ ', 7)') }} as sunday

    from history_models

),

latest as (

    select
        max(as_of_date) as as_of_date,
        {{ add_days('max(as_of_date)', '-mod(' ~ days_between(as_date("'1900-01-01'"), 'max(as_of_date)') ~ ' + 1, 7)') }} as last_sunday

    from dates

),

weeks as (

    select
        dates.model_id,
        dates.sunday,
        max(case when dates.rules_version = rules_versions.rules_version then 1 else 0 end) = 1 as is_by_current_rules

    from dates

    inner join rules_versions on dates.model_id = rules_versions.model_id

    group by
        dates.model_id,
        dates.sunday

),

-- Only weeks that the setting evaluate can score (int_asked_dates), for models with a goal whose outcome occurs, by the longest
-- evaluated_days of these goals.
final as (

    select
        weeks.model_id,
        weeks.sunday,
        {{ whole_divided(days_between('weeks.sunday', 'latest.last_sunday'), 7) }} + 1 as weeks_back,
        weeks.is_by_current_rules

    from weeks

    inner join goals on weeks.model_id = goals.model_id

    inner join latest
        on
            weeks.sunday <= latest.last_sunday
            and {{ add_days('weeks.sunday', 'goals.evaluated_days') }} >= latest.as_of_date

    inner join first_contact on weeks.sunday >= first_contact.created_date

)

select * from final
