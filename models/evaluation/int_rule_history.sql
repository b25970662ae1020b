{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        pre_hook="
            {% set history_models, erased_contacts = ref('int_history_models'), ref('int_erased_contacts') %}
            {% if is_incremental() %}
            delete from {{ this }}
            where
                as_of_date in (select as_of_date from {{ ref('int_evaluated_dates') }} where is_of_run)
                or (as_of_date, model_id, rules_version) not in (select (as_of_date, model_id, rules_version) from {{ history_models }})
                or (
                    rules_version in (select rules_version from {{ ref('int_rules_versions') }})
                    and (as_of_date, model_id) not in (select (as_of_date, model_id) from {{ ref('int_evaluated_dates') }} where is_recent)
                )
                or contact_id in (select erased_contact_id from {{ erased_contacts }})
            {% endif %}
        "
    )
}}

with

rule_points as (

    select * from {{ ref('int_rule_points') }}

),

evaluated_dates as (

    select * from {{ ref('int_evaluated_dates') }}
    where is_recent

),

rules_versions as (

    select * from {{ ref('int_rules_versions') }}

),

-- What other rules gave stays for as long as the history holds the date by them: they may come back.
final as (

    select
        rule_points.as_of_date,
        rule_points.model_id,
        rule_points.contact_id,
        rule_points.rule_id,
        rule_points.points,
        rules_versions.rules_version

    from rule_points

    inner join evaluated_dates
        on
            rule_points.as_of_date = evaluated_dates.as_of_date
            and rule_points.model_id = evaluated_dates.model_id

    inner join rules_versions on rule_points.model_id = rules_versions.model_id

)

select * from final
