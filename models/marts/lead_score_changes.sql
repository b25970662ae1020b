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

leads as (

    select * from {{ ref('int_lead_history') }}

),

published_changes as (

    select * from {{ ref('stg_score_changes') }}

),

erasures as (

    select * from {{ ref('stg_erasures') }}
    where erased_contact_id is not null

),

-- Dates that this build scores, and the date after each.
pairs_of_dates as (

    select * from {{ ref('int_history_models') }}
    where
        is_change_in_run
        and previous_as_of_date is not null

),

changes as (

    select
        present.as_of_date,
        pairs_of_dates.previous_as_of_date,
        present.model_id,
        present.contact_id,
        previous.status as from_status,
        present.status as to_status,
        previous.band as from_band,
        present.band as to_band,
        previous.grade as from_grade,
        present.grade as to_grade,
        previous.score as from_score,
        present.score as to_score,
        previous.band_since as from_band_since,
        present.priority,
        present.next_action
    from leads as present
    inner join pairs_of_dates
        on
            present.as_of_date = pairs_of_dates.as_of_date
            and present.model_id = pairs_of_dates.model_id

    left join leads as previous
        on
            pairs_of_dates.previous_as_of_date = previous.as_of_date
            and present.model_id = previous.model_id
            and present.contact_id = previous.contact_id

    where
        present.contact_id not in (select erasures.erased_contact_id from erasures)
        and (
            previous.contact_id is null
            or present.status is distinct from previous.status
            or present.band is distinct from previous.band
            or present.grade is distinct from previous.grade
        )

),

-- A change that an earlier run published keeps the time of that run.
final as (

    select
        changes.*,
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
