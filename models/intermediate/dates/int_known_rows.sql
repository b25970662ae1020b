{{
    config(
        pre_hook=[
            "
                update {{ source('last_marts', 'scored_dates').render() }}
                set rules_fingerprint = null
                where as_of_date in (select as_of_date from {{ ref('int_as_of_dates') }})
            ",
            "
                update {{ source('last_marts', 'scored_dates').render() }}
                set rules_version = ''
                where as_of_date in (select as_of_date from {{ ref('int_as_of_dates') }} where is_asked or {{ flags.FULL_REFRESH }})
            "
        ]
    )
}}

-- Together with this table the dates of the run are marked as not scored, and those asked for as not scored by any rules:
-- should the run stop, the next scores them again.
-- depends_on: {{ ref('int_as_of_dates') }}
-- depends_on: {{ ref('int_history_models') }}

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
