{{
    config(
        materialized='incremental',
        incremental_strategy='parts',
        meta={
            'part': ['as_of_date', 'model_id', 'previous_as_of_date'], 'keep': 'int_history_models',
            'keep_where': 'not is_change_in_run', 'person': 'contact_id'
        },
        on_schema_change='fail'
    )
}}

with

changes as (

    select * from {{ ref('int_score_changes') }}

),

published_changes as (

    select * from {{ ref('stg_score_changes') }}

),

-- A change that an earlier run published keeps the time of that run.
final as (

    select
        changes.as_of_date,
        changes.previous_as_of_date,
        changes.model_id,
        changes.contact_id,
        changes.from_status,
        changes.to_status,
        changes.from_band,
        changes.to_band,
        changes.from_grade,
        changes.to_grade,
        changes.from_score,
        changes.to_score,
        changes.from_band_since,
        changes.priority,
        changes.next_action,
        coalesce(published_changes.run_at, {{ run_time() }}) as run_at

    from changes

    left join published_changes
        on
            changes.as_of_date = published_changes.as_of_date
            and changes.previous_as_of_date = published_changes.previous_as_of_date
            and changes.model_id = published_changes.model_id
            and changes.contact_id = published_changes.contact_id
            and changes.from_status is not distinct from published_changes.from_status
            and changes.to_status = published_changes.to_status
            and changes.from_band is not distinct from published_changes.from_band
            and changes.to_band is not distinct from published_changes.to_band
            and changes.from_grade is not distinct from published_changes.from_grade
            and changes.to_grade is not distinct from published_changes.to_grade
            and changes.priority is not distinct from published_changes.priority
            and changes.next_action is not distinct from published_changes.next_action

)

select * from final
