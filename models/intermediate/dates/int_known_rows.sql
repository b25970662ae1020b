{{
    config(
        pre_hook="
            update {{ source('last_marts', 'scored_dates') }}
            set rules_fingerprint = null
            where as_of_date in (select as_of_date from {{ ref('int_as_of_dates') }})
        "
    )
}}

-- Together with this table the dates of the run are marked as not scored: should the run stop, the next scores them again.
-- depends_on: {{ ref('int_as_of_dates') }}

with

rows_now as (

    select * from {{ ref('int_rows_now') }}

),

final as (

    select
        raw_table,
        row_key,
        known_date

    from rows_now

)

select * from final
