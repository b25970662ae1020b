{{ config(materialized='table') }}

with

contacts as (

    select * from {{ ref('int_value_contacts') }}

),

effects as (

    select * from {{ ref('int_value_effects') }}

),

rule_history as (

    select * from {{ ref('int_rule_history') }}

),

-- Only dates whose values are explained by a rule.
dates as (

    select distinct
        goal_key,
        stated_on
    from effects

),

held as (

    select
        contacts.goal_key,
        contacts.stated_on,
        contacts.contact_id,
        sum(effects.effect) as effects

    from contacts

    inner join rule_history
        on
            contacts.model_id = rule_history.model_id
            and contacts.as_of_date = rule_history.as_of_date
            and contacts.contact_id = rule_history.contact_id

    inner join effects
        on
            contacts.goal_key = effects.goal_key
            and contacts.stated_on = effects.stated_on
            and rule_history.rule_id = effects.rule_id

    group by contacts.goal_key, contacts.stated_on, contacts.contact_id

),

final as (

    select
        contacts.goal_key,
        contacts.stated_on,
        contacts.contact_id,
        contacts.value,
        contacts.doublings,
        coalesce(held.effects, 0) as effects

    from contacts

    inner join dates
        on
            contacts.goal_key = dates.goal_key
            and contacts.stated_on = dates.stated_on

    left join held
        on
            contacts.goal_key = held.goal_key
            and contacts.stated_on = held.stated_on
            and contacts.contact_id = held.contact_id

)

select * from final
