with

recorded as (

    select * from {{ source('runs', 'runs') }}
    where run_id is not null

),

logged as (

    select * from {{ last_built(source('kept', 'run_log'), beside='int_signal_days') }}

),

final as (

    select
        run_id,
        started_at,
        finished_at,
        seconds,
        outcome,
        exit_code,
        message,
        as_of_date,
        dates_scored,
        rules_versions,
        rows_in,
        rows_rejected,
        leads,
        changes

    from recorded

    union all

    select
        run_id,
        started_at,
        finished_at,
        seconds,
        outcome,
        exit_code,
        message,
        null as as_of_date,
        null as dates_scored,
        null as rules_versions,
        null as rows_in,
        null as rows_rejected,
        null as leads,
        null as changes

    from logged

)

select * from final
