{{ config(materialized='view') }}

with

leads as (

    select * from {{ ref('int_leads') }}
    where status = 'scored'

),

rules as (

    select * from {{ ref('int_attribute_rules') }}

),

matches as (

    select * from {{ ref('int_attribute_matches') }}

),

final as (

    select
        leads.as_of_date,
        leads.model_id,
        leads.contact_id,
        rules.rule_id,
        rules.rule_group,
        rules.dimension,
        {{ as_contribution(product('rules.points', 'rules.weight')) }} as points,
        matches.observed

    from leads

    inner join matches on leads.version_hash = matches.version_hash

    inner join rules
        on
            matches.rule_id = rules.rule_id
            and leads.model_id = rules.model_id
            and (rules.valid_from is null or leads.as_of_date >= rules.valid_from)
            and (rules.valid_to is null or leads.as_of_date < rules.valid_to)

)

select * from final
