with

history_models as (

    select * from {{ ref('int_history_models') }}

),

known_days as (

    select * from {{ ref('int_known_days') }}

),

compared as (

    select
        history_models.*,
        coalesce(known_days.rows_known, 0) as rows_known_now,
        coalesce(known_days.known_version, '0') as known_version_now

    from history_models

    left join known_days
        on
            history_models.as_of_date >= known_days.known_date
            and (known_days.until_date is null or history_models.as_of_date < known_days.until_date)

),

-- A changed row keeps the count, so at least 1 is reported. Dates of an earlier version have no counts.
final as (

    select
        as_of_date,
        model_id,
        rules_version,
        rules_fingerprint,
        case when is_in_run then {{ as_count('rows_known_now') }} else rows_known end as rows_known,
        case when is_in_run then known_version_now else known_version end as known_version,
        case
            when is_in_run or known_version = known_version_now then 0
            when known_version is not null then greatest(abs({{ as_count('rows_known_now') }} - rows_known), 1)
        end as late_rows

    from compared

)

select * from final
