with

history_dates as (

    select * from {{ ref('int_history_dates') }}

),

as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}

),

scored_before as (

    select * from {{ ref('stg_scored_dates') }}

),

rules_versions as (

    select * from {{ ref('int_rules_versions') }}

),

-- Dates of which nothing stays that was scored before.
dates_anew as (

    select
        history_dates.as_of_date,
        history_dates.rules_fingerprint

    from history_dates

    inner join as_of_dates on history_dates.as_of_date = as_of_dates.as_of_date

    where
        history_dates.is_asked
        or not history_dates.is_in_history
        or {{ flags.FULL_REFRESH }}

),

scored_anew as (

    select
        dates_anew.as_of_date,
        rules_versions.model_id,
        rules_versions.rules_version,
        dates_anew.rules_fingerprint

    from dates_anew

    cross join rules_versions

),

kept as (

    select
        scored_before.as_of_date,
        scored_before.model_id,
        scored_before.rules_version,
        history_dates.rules_fingerprint

    from scored_before

    inner join history_dates on scored_before.as_of_date = history_dates.as_of_date

    where scored_before.as_of_date not in (select dates_anew.as_of_date from dates_anew)

),

final as (

    select
        as_of_date,
        model_id,
        rules_version,
        rules_fingerprint,
        true as is_written

    from scored_anew

    union all

    -- A date that was scored before is corrected where data for it came late, and keeps its scores where rules changed.
    select
        kept.as_of_date,
        kept.model_id,
        kept.rules_version,
        kept.rules_fingerprint,
        as_of_dates.as_of_date is not null and rules_versions.model_id is not null as is_written

    from kept

    left join as_of_dates on kept.as_of_date = as_of_dates.as_of_date

    left join rules_versions
        on
            kept.model_id = rules_versions.model_id
            and kept.rules_version = rules_versions.rules_version

)

select * from final
