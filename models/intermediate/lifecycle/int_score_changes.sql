{{ config(materialized='view') }}

-- Changes of status, band or grade from each as-of date of the history to the next, where the run scored one of them.

with

lead_scores as (

    select * from {{ ref('int_lead_scores') }}

),

score_history as (

    select * from {{ ref('stg_score_history') }}

),

dates as (

    select * from {{ ref('int_history_dates') }}
    where is_in_run

),

erasures as (

    select * from {{ ref('stg_erasures') }}
    where erased_contact_id is not null

),

-- Leads of this build, and the published leads of other dates.
leads as (

    select
        as_of_date,
        model_id,
        contact_id,
        status,
        score,
        band,
        band_since,
        grade,
        priority,
        next_action
    from lead_scores

    union all

    select
        as_of_date,
        model_id,
        contact_id,
        status,
        score,
        band,
        band_since,
        grade,
        priority,
        next_action
    from score_history
    where as_of_date not in (select dates.as_of_date from dates)

),

-- Dates that this build scores, and the date after each.
pairs_of_dates as (

    select * from {{ ref('int_history_models') }}
    where
        is_change_in_run
        and previous_as_of_date is not null

),

final as (

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

)

select * from final
