with

runs as (

    select * from {{ ref('stg_runs') }}

),

-- A run has one record, even if it was written twice.
numbered as (

    select
        *,
        row_number() over (
            partition by run_id
            order by finished_at desc
        ) as record_number

    from runs

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

    from numbered

    where record_number = 1

)

select * from final
