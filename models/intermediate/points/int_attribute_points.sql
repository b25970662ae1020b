{{ config(materialized='view') }}

with

leads as (

    select * from {{ ref('int_leads') }}
    where status = 'scored'

),

rules as (

    select
        *,
        {{ hash_number(['attribute', 'comparison', 'operand']) }} as condition_key,
        {{ hash_number(['and_attribute', 'and_comparison', 'and_operand']) }} as and_condition_key

    from {{ ref('int_attribute_rules') }}

),

met_conditions as (

    select * from {{ ref('int_met_conditions') }}

),

met_as_well as (

    select * from {{ ref('int_met_conditions') }}

),

matches as (

    select
        met_conditions.version_hash,
        met_conditions.value as observed,
        rules.*

    from met_conditions

    inner join rules on met_conditions.condition_key = rules.condition_key

    left join met_as_well
        on
            met_conditions.version_hash = met_as_well.version_hash
            and rules.and_condition_key = met_as_well.condition_key

    where
        rules.and_comparison is null
        or met_as_well.version_hash is not null

),

final as (

    select
        leads.as_of_date,
        leads.model_id,
        leads.contact_key,
        matches.rule_key,
        {{ as_contribution(product('matches.points', 'matches.weight')) }} as points,
        matches.observed

    from leads

    inner join matches
        on
            leads.version_hash = matches.version_hash
            and leads.model_id = matches.model_id
            and (matches.valid_from is null or leads.as_of_date >= matches.valid_from)
            and (matches.valid_to is null or leads.as_of_date < matches.valid_to)

)

select * from final
