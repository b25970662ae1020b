with

rules as (

    select * from {{ ref('int_rules') }}

),

ranking as (

    select * from {{ ref('int_score_ranking') }}
    where
        period = 'all'
        and segment is null

),

evaluated as (

    select * from {{ ref('int_evaluated_contacts') }}
    where
        period = 'all'
        and segment is null

),

people as (

    select * from {{ ref('int_rule_people') }}

),

final as (

    select
        rules.model_id,
        rules.rule_id,
        evaluated.contacts,
        coalesce(people.contacts_touched, 0) as contacts_touched,
        coalesce(people.converted_contacts_touched, 0) as converted_contacts_touched,
        evaluated.converted_contacts - coalesce(people.converted_only_touched, 0) as converted_contacts_untouched,
        ranking.leads,
        ranking.conversions,
        coalesce(people.leads_touched, 0) as leads_touched,
        coalesce(people.conversions_touched, 0) as conversions_touched,
        people.points_given,
        ranking.roc_auc

    from rules

    inner join ranking on rules.model_id = ranking.model_id

    inner join evaluated on rules.model_id = evaluated.model_id

    left join people on rules.rule_id = people.rule_id

)

select * from final
