{{ config(materialized='table') }}

with

leads as (

    select * from {{ ref('int_stated_leads') }}

),

rule_history as (

    select * from {{ ref('int_rule_history') }}

),

rules as (

    select
        *,
        {{ as_amount(product('points', 'weight')) }} as weighted_points

    from {{ ref('int_rules') }}

),

-- x is how many times the rule gave its points, or 1 where these are 0 and so tell nothing.
measured as (

    select
        leads.model_id,
        rule_history.rule_id,
        leads.contact_id,
        leads.score_bin,
        leads.residual,
        case
            when rules.weighted_points = 0 then 1
            else {{ as_amount('rule_history.points / nullif(rules.weighted_points, 0)') }}
        end as x

    from rule_history

    inner join rules on rule_history.rule_id = rules.rule_id

    inner join leads
        on
            rule_history.as_of_date = leads.as_of_date
            and rule_history.model_id = leads.model_id
            and rule_history.contact_id = leads.contact_id

),

final as (

    select
        model_id,
        rule_id,
        contact_id,
        score_bin,
        sum(x) as x,
        sum({{ as_amount(product('x', 'x')) }}) as x_by_x,
        sum({{ as_amount(product('x', 'residual')) }}) as x_by_residual

    from measured

    group by model_id, rule_id, contact_id, score_bin

)

select * from final
