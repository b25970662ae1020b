with

history_models as (

    select * from {{ ref('int_history_models') }}

),

-- Rows behind the scores, by the day they became known. Builds with equal counts and hashes score a date alike.
known_rows as (

    select
        received_date as known_date,
        rows_in as rows_known,
        {{ as_wide_whole('rows_version') }} as rows_version
    from {{ ref('int_signal_parts') }}
    where counted_for = 'types'

    union all

    -- The contact of a visitor also depends on which contacts exist.
    select
        identified_date as known_date,
        1 as rows_known,
        {{ as_wide_whole(hash_number(['anonymous_id', 'contact_id', 'identified_at'])) }} as rows_version
    from {{ ref('int_actors') }}
    where anonymous_id is not null

    union all

    -- The earliest version of a contact also covers earlier dates.
    select
        coalesce(valid_from, {{ as_date('created_at') }}) as known_date,
        1 as rows_known,
        {{ as_wide_whole(hash_number(['version_hash'])) }} as rows_version
    from {{ ref('int_contact_versions') }}

    union all

    select
        occurred_date as known_date,
        1 as rows_known,
        {{ as_wide_whole(hash_number(['outcome_id', 'raw_contact_id', 'outcome', 'value', 'occurred_at'])) }} as rows_version
    from {{ ref('int_outcomes') }}
    where not is_inherited

    union all

    select
        merged_date as known_date,
        1 as rows_known,
        {{ as_wide_whole(hash_number(['from_contact_id', 'into_contact_id', 'merged_at'])) }} as rows_version
    from {{ ref('int_merges') }}
    where rejected_because is null

    union all

    select
        valid_from as known_date,
        1 as rows_known,
        {{ as_wide_whole(hash_number(['contact_id', 'attribute', 'value', 'changed_at'])) }} as rows_version
    from {{ ref('int_attribute_changes') }}

),

known_days as (

    select
        known_date,
        lead(known_date) over (order by known_date) as until_date,
        sum(sum(rows_known)) over (order by known_date) as rows_known,
        {{ as_text('sum(sum(rows_version)) over (order by known_date)') }} as known_version
    from known_rows
    group by known_date

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
