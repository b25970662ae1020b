with

source as (

    select * from {{ source('runs', 'runs') }}

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

    from source

    where run_id is not null

)

select * from final
