with

rules as (

    select * from {{ ref('int_rules') }}

),

rule_contacts as (

    select * from {{ ref('int_rule_contacts') }}

),

outcomes as (

    select * from {{ ref('int_lead_outcomes') }}
    where is_judged

),

ranking as (

    select * from {{ ref('int_score_ranking') }}
    where
        period = 'all'
        and segment is null
        and challenger_id is null

),

touched as (

    select
        goal_key,
        rule_id,
        contact_id,
        sum(leads) as leads,
        sum(conversions) as conversions,
        sum(points) as points
    from rule_contacts
    group by goal_key, rule_id, contact_id

),

converted as (

    select
        goal_key,
        contact_id,
        sum(is_converted) as conversions
    from outcomes
    where is_converted = 1
    group by goal_key, contact_id

),

people as (

    select
        touched.goal_key,
        touched.rule_id,
        count(*) as contacts_touched,
        count(converted.contact_id) as converted_contacts_touched,
        -- Contacts that converted only after dates on which the rule matched.
        sum(case when touched.conversions = converted.conversions then 1 else 0 end) as converted_only_touched,
        sum(touched.leads) as leads_touched,
        sum(touched.conversions) as conversions_touched,
        sum(touched.points) as points_given

    from touched

    left join converted
        on
            touched.conversions > 0
            and touched.goal_key = converted.goal_key
            and touched.contact_id = converted.contact_id

    group by touched.goal_key, touched.rule_id

),

final as (

    select
        ranking.goal_key,
        rules.model_id,
        rules.rule_id,
        rules.rule_kind,
        rules.rule_group,
        rules.label,
        rules.points,
        rules.weight,
        ranking.contacts,
        coalesce(people.contacts_touched, 0) as contacts_touched,
        coalesce(people.converted_contacts_touched, 0) as converted_contacts_touched,
        ranking.converted_contacts - coalesce(people.converted_only_touched, 0) as converted_contacts_untouched,
        ranking.leads,
        ranking.conversions,
        coalesce(people.leads_touched, 0) as leads_touched,
        coalesce(people.conversions_touched, 0) as conversions_touched,
        people.points_given,
        ranking.roc_auc

    from rules

    inner join ranking on rules.model_id = ranking.model_id

    left join people
        on
            ranking.goal_key = people.goal_key
            and rules.rule_id = people.rule_id

)

select * from final
