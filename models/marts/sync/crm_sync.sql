{{
    config(
        materialized='incremental',
        incremental_strategy='parts',
        meta={'part': ['sync_key', 'row_hash'], 'keep': 'int_sync_rows', 'keep_where': 'not is_in_run'},
        on_schema_change='fail'
    )
}}

with

rows_of_run as (

    select * from {{ ref('int_sync_rows') }}
    where is_in_run

),

published as (

    select max(changed_at) as last_changed_at from {{ ref('stg_crm_sync') }}

),

-- Later than all published times, also if the clock went back: a sync remembers the time up to which it has read.
run_time as (

    select
        case
            when last_changed_at >= {{ run_time() }} then {{ add_time('last_changed_at', '1', 'microsecond') }}
            else {{ run_time() }}
        end as changed_at
    from published

),

final as (

    select
        rows_of_run.sync_key,
        rows_of_run.model_id,
        rows_of_run.contact_id,
        rows_of_run.account_id,
        rows_of_run.status,
        rows_of_run.status_reason,
        rows_of_run.score,
        rows_of_run.behavioural_score,
        rows_of_run.demographic_score,
        rows_of_run.band,
        rows_of_run.behavioural_band,
        rows_of_run.demographic_band,
        rows_of_run.grade,
        rows_of_run.priority,
        rows_of_run.next_action,
        rows_of_run.reason_1,
        rows_of_run.reason_2,
        rows_of_run.reason_3,
        rows_of_run.stage,
        rows_of_run.account_score,
        rows_of_run.account_band,
        rows_of_run.is_deleted,
        rows_of_run.merged_into,
        rows_of_run.row_hash,
        coalesce(rows_of_run.published_at, run_time.changed_at) as changed_at

    from rows_of_run

    cross join run_time

)

select * from final
