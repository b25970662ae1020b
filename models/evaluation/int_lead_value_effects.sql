with

effects as (

    select * from {{ ref('int_value_effects') }}

),

rules as (

    select * from {{ ref('int_rules') }}

),

rule_points as (

    select * from {{ ref('int_rule_points') }}

),

leads as (

    select * from {{ ref('int_leads') }}

),

held as (

    select
        effects.goal_key,
        rule_points.as_of_date,
        rule_points.model_id,
        rule_points.contact_key,
        sum(effects.effect) as effects

    from effects

    inner join rules on effects.rule_id = rules.rule_id

    inner join rule_points
        on
            effects.stated_on = rule_points.as_of_date
            and rules.rule_key = rule_points.rule_key

    group by effects.goal_key, rule_points.as_of_date, rule_points.model_id, rule_points.contact_key

),

final as (

    select
        held.goal_key,
        held.as_of_date,
        leads.contact_id,
        held.effects

    from held

    inner join leads
        on
            held.as_of_date = leads.as_of_date
            and held.model_id = leads.model_id
            and held.contact_key = leads.contact_key

)

select * from final
