-- Models and rules per date of the history after this build.

with

refused as (

    select * from {{ ref('int_lost_rows') }}
    where is_refused

),

-- If raw tables have lost rows, the history stays unchanged: nothing is scored (int_as_of_dates).
history_dates as (

    select
        as_of_date,
        previous_as_of_date,
        is_in_run and not exists (select 1 from refused) as is_in_run
    from {{ ref('int_history_dates') }}

),

rules_versions as (

    select * from {{ ref('int_rules_versions') }}

),

scored_before as (

    select
        *,
        lag(as_of_date) over (
            partition by model_id
            order by as_of_date
        ) as previous_as_of_date
    from {{ ref('stg_scored_dates') }}

),

rules as (

    select {{ hash_of(joined('model_fingerprint', "'|'", 'model_id')) }} as rules_fingerprint from rules_versions

),

scored as (

    select
        history_dates.as_of_date,
        history_dates.is_in_run,
        rules_versions.model_id,
        rules_versions.rules_version,
        rules.rules_fingerprint,
        {{ as_count('null') }} as rows_known,
        {{ as_text('null') }} as known_version,
        {{ as_date('null') }} as date_before_as_published
    from history_dates
    cross join rules_versions
    cross join rules
    where history_dates.is_in_run

    union all

    select
        history_dates.as_of_date,
        history_dates.is_in_run,
        scored_before.model_id,
        scored_before.rules_version,
        scored_before.rules_fingerprint,
        scored_before.rows_known,
        scored_before.known_version,
        scored_before.previous_as_of_date as date_before_as_published
    from history_dates
    inner join scored_before on history_dates.as_of_date = scored_before.as_of_date
    where not history_dates.is_in_run

),

followed as (

    select
        *,
        lag(as_of_date) over (
            partition by model_id
            order by as_of_date
        ) as previous_as_of_date,
        coalesce(lag(is_in_run) over (
            partition by model_id
            order by as_of_date
        ), false) as is_previous_in_run,
        as_of_date = max(as_of_date) over (
            partition by model_id, rules_version, {{ whole_divided(days_between(as_date("'1900-01-01'"), 'as_of_date'), 7) }}
        ) as is_last_of_week
    from scored

),

-- If a date was removed from the history, the next date has another predecessor than when it was published.
final as (

    select
        as_of_date,
        model_id,
        rules_version,
        rules_fingerprint,
        rows_known,
        known_version,
        previous_as_of_date,
        is_last_of_week,
        is_in_run,
        is_in_run
        or is_previous_in_run
        or (previous_as_of_date is distinct from date_before_as_published) as is_change_in_run
    from followed

)

select * from final
