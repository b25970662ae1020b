{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        pre_hook="
            {% if is_incremental() %}
            delete from {{ this }}
            where
                (as_of_date, model_id) not in (select (as_of_date, model_id) from {{ ref('int_evaluated_dates') }})
                or as_of_date >= (select min(as_of_date) from {{ ref('int_as_of_dates') }})
                or contact_id in (select erased_contact_id from {{ ref('int_erased_contacts') }})
            {% endif %}
        "
    )
}}

-- Not before the dates of the run are marked.
-- depends_on: {{ ref('int_known_rows') }}
-- depends_on: {{ ref('int_as_of_dates') }}
-- depends_on: {{ ref('int_erased_contacts') }}

with

rule_points as (

    select * from {{ ref('int_rule_points') }}

),

evaluated_dates as (

    select * from {{ ref('int_evaluated_dates') }}

),

final as (

    select
        rule_points.as_of_date,
        rule_points.model_id,
        rule_points.contact_id,
        rule_points.rule_id,
        rule_points.points

    from rule_points

    inner join evaluated_dates
        on
            rule_points.as_of_date = evaluated_dates.as_of_date
            and rule_points.model_id = evaluated_dates.model_id

)

select * from final
