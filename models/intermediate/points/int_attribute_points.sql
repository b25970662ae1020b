{{ config(materialized='view') }}

with

contacts as (

    select * from {{ ref('int_contacts') }}

),

rules as (

    select
        *,
        {{ hash_number(['attribute', 'comparison', 'operand']) }} as condition_key,
        {{ hash_number(['and_attribute', 'and_comparison', 'and_operand']) }} as and_condition_key

    from {{ ref('stg_attribute_rules') }}

),

met_conditions as (

    select * from {{ ref('int_met_conditions') }}

),

met_as_well as (

    select * from {{ ref('int_met_conditions') }}

),

final as (

    select
        contacts.as_of_date,
        contacts.contact_key,
        rules.rule_key,
        {{ as_contribution(product('rules.points', 'rules.weight')) }} as points,
        met_conditions.value as attribute_value

    from contacts

    inner join met_conditions on contacts.version_hash = met_conditions.version_hash

    inner join rules
        on
            met_conditions.condition_key = rules.condition_key
            and {{ holds_on('met_conditions', 'contacts.as_of_date') }}
            and (rules.valid_from is null or contacts.as_of_date >= rules.valid_from)
            and (rules.valid_to is null or contacts.as_of_date < rules.valid_to)

    left join met_as_well
        on
            contacts.version_hash = met_as_well.version_hash
            and rules.and_condition_key = met_as_well.condition_key
            and {{ holds_on('met_as_well', 'contacts.as_of_date') }}

    where
        rules.and_comparison is null
        or met_as_well.version_hash is not null

)

select * from final
