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

-- depends_on: {{ ref('int_known_rows') }}
-- depends_on: {{ ref('int_erased_contacts') }}

with

present as (

    select * from {{ ref('lead_score_history') }}

),

previous as (

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
        previous.band_since as from_band_since

    from present

    inner join pairs_of_dates
        on
            present.as_of_date = pairs_of_dates.as_of_date
            and present.model_id = pairs_of_dates.model_id

    left join previous
        on
            pairs_of_dates.previous_as_of_date = previous.as_of_date
            and present.model_id = previous.model_id
            and present.contact_id = previous.contact_id

    where
        previous.contact_id is null
        or present.status is distinct from previous.status
        or present.band is distinct from previous.band
        or present.grade is distinct from previous.grade

)

select * from final
