-- Number and hash of the rows known by each day. Builds with equal values score a date alike.

with

received_days as (

    select * from {{ ref('int_signal_parts') }}
    where counted_for = 'types'

),

visitors as (

    select * from {{ ref('int_visitor_contacts') }}

),

versions as (

    select * from {{ ref('int_contact_versions') }}

),

outcomes as (

    select * from {{ ref('int_outcomes') }}

),

counted as (

    select
        received_date as known_date,
        rows_in as rows_known,
        {{ as_wide_whole('part_version') }} as rows_version

    from received_days

    union all

    -- The contact of a visitor also depends on which contacts exist.
    select
        {{ as_date('identified_at') }} as known_date,
        1 as rows_known,
        {{ as_wide_whole(hash_number(['anonymous_id', 'contact_id', 'identified_at'])) }} as rows_version

    from visitors

    union all

    -- The earliest version of a contact also covers earlier dates.
    select
        coalesce(valid_from, {{ as_date('created_at') }}) as known_date,
        1 as rows_known,
        {{ as_wide_whole(hash_number(['version_hash'])) }} as rows_version

    from versions

    union all

    select
        occurred_date as known_date,
        1 as rows_known,
        {{ as_wide_whole(hash_number(['outcome_id', 'contact_id', 'outcome', 'value', 'occurred_at'])) }} as rows_version

    from outcomes

),

by_day as (

    select
        known_date,
        sum(rows_known) as rows_known,
        sum(rows_version) as rows_version

    from counted

    group by known_date

),

final as (

    select
        known_date,
        lead(known_date) over (order by known_date) as until_date,
        sum(rows_known) over (order by known_date rows between unbounded preceding and current row) as rows_known,
        {{ as_text('sum(rows_version) over (order by known_date rows between unbounded preceding and current row)') }} as known_version

    from by_day

)

select * from final
