{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        pre_hook="
            {% if is_incremental() %}
            delete from {{ this }}
            where
                as_of_date not in (select as_of_date from {{ ref('int_history_dates') }})
                or as_of_date >= (select min(as_of_date) from {{ ref('int_as_of_dates') }})
                or contact_id in (select erased_contact_id from {{ ref('int_erased_contacts') }})
            {% endif %}
        "
    )
}}

-- Not before the dates of the run are marked.
-- depends_on: {{ ref('int_known_rows') }}

-- depends_on: {{ ref('int_history_dates') }}
-- depends_on: {{ ref('int_as_of_dates') }}
-- depends_on: {{ ref('int_erased_contacts') }}

with

lead_scores as (

    select * from {{ ref('int_lead_scores') }}

),

final as (

    select
        as_of_date,
        model_id,
        contact_id,
        account_id,
        status,
        status_reason,
        score,
        behavioural_score,
        demographic_score,
        band,
        behavioural_band,
        demographic_band,
        band_since,
        bands_on,
        grade,
        priority,
        rules_version

    from lead_scores

)

select * from final
