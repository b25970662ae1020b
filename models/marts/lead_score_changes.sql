{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        pre_hook="
            {% if is_incremental() %}
            delete from {{ this }}
            where
                as_of_date >= (select min(as_of_date) from {{ ref('int_as_of_dates') }})
                or (previous_as_of_date, model_id) not in (select (as_of_date, model_id) from {{ ref('int_history_models') }})
                or contact_id in (select erased_contact_id from {{ ref('int_erased_contacts') }})
            {% endif %}
        "
    )
}}

-- depends_on: {{ ref('int_erased_contacts') }}

with

score_history as (

    select * from {{ ref('lead_score_history') }}

),

history_models as (

    select * from {{ ref('int_history_models') }}

),

as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}

),

dates_before as (

    select
        as_of_date,
        model_id,
        lag(as_of_date) over (
            partition by model_id
            order by as_of_date
        ) as previous_as_of_date

    from history_models

),

-- Changes of earlier dates are in the table already.
pairs_of_dates as (

    select dates_before.*

    from dates_before

    where
        dates_before.previous_as_of_date is not null
        and dates_before.as_of_date >= (select min(as_of_dates.as_of_date) from as_of_dates)

),

final as (

    select
        after.as_of_date,
        pairs_of_dates.previous_as_of_date,
        after.model_id,
        after.contact_id,
        before.status as from_status,
        after.status as to_status,
        before.band as from_band,
        after.band as to_band,
        before.grade as from_grade,
        after.grade as to_grade,
        before.score as from_score,
        after.score as to_score,
        before.band_since as from_band_since

    from score_history as after

    inner join pairs_of_dates
        on
            after.as_of_date = pairs_of_dates.as_of_date
            and after.model_id = pairs_of_dates.model_id

    left join score_history as before
        on
            pairs_of_dates.previous_as_of_date = before.as_of_date
            and after.model_id = before.model_id
            and after.contact_id = before.contact_id

    where
        before.contact_id is null
        or after.status is distinct from before.status
        or after.band is distinct from before.band
        or after.grade is distinct from before.grade

)

select * from final
