{{ config(materialized='view') }}

-- Rows behind the scores, by the day on which they became known. Builds with equal counts and hashes score a date alike.

with

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

    -- The earliest version of a contact or an account also covers earlier dates.
    select
        coalesce(valid_from, {{ as_date('created_at') }}) as known_date,
        1 as rows_known,
        {{ as_wide_whole(hash_number(['version_hash'])) }} as rows_version
    from {{ ref('int_contact_versions') }}

    union all

    select
        coalesce(valid_from, {{ as_date('created_at') }}) as known_date,
        1 as rows_known,
        {{ as_wide_whole(hash_number(['version_hash'])) }} as rows_version
    from {{ ref('int_account_versions') }}

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

    union all

    -- The end of an override is one more row: it changes no date before.
    select
        valid_from as known_date,
        1 as rows_known,
        {{ as_wide_whole(hash_number(['contact_id', 'model_id', 'points', 'reason', 'author', 'valid_from'])) }} as rows_version
    from {{ ref('int_overrides') }}

    union all

    select
        valid_to as known_date,
        1 as rows_known,
        {{ as_wide_whole(hash_number(['valid_to', 'contact_id', 'model_id', 'points', 'reason', 'author'])) }} as rows_version
    from {{ ref('int_overrides') }}
    where valid_to is not null

),

final as (

    select
        known_date,
        lead(known_date) over (order by known_date) as until_date,
        sum(sum(rows_known)) over (order by known_date) as rows_known,
        {{ as_text('sum(sum(rows_version)) over (order by known_date)') }} as known_version
    from known_rows
    group by known_date

)

select * from final
