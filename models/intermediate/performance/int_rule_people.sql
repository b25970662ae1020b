{{ config(materialized='table') }}

with

outcomes as (

    select * from {{ ref('int_lead_outcomes') }}

),

rule_history as (

    select * from {{ ref('int_rule_history') }}

),

touched as (

    select
        rule_history.model_id,
        rule_history.rule_id,
        rule_history.contact_id,
        count(*) as leads,
        sum(outcomes.is_converted) as conversions,
        sum(rule_history.points) as points

    from rule_history

    inner join outcomes
        on
            rule_history.as_of_date = outcomes.as_of_date
            and rule_history.model_id = outcomes.model_id
            and rule_history.contact_id = outcomes.contact_id

    group by rule_history.model_id, rule_history.rule_id, rule_history.contact_id

),

contacts as (

    select
        model_id,
        contact_id,
        sum(is_converted) as conversions

    from outcomes

    group by model_id, contact_id

),

final as (

    select
        touched.model_id,
        touched.rule_id,
        count(*) as contacts_touched,
        sum(case when touched.conversions > 0 then 1 else 0 end) as converted_contacts_touched,
        -- Whose conversions all have the rule: nobody who converted without it.
        sum(case when touched.conversions > 0 and touched.conversions = contacts.conversions then 1 else 0 end) as converted_only_touched,
        sum(touched.leads) as leads_touched,
        sum(touched.conversions) as conversions_touched,
        sum(touched.points) as points_given

    from touched

    inner join contacts
        on
            touched.model_id = contacts.model_id
            and touched.contact_id = contacts.contact_id

    group by touched.model_id, touched.rule_id

)

select * from final
