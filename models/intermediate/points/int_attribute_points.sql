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

further_conditions as (

    select
        rule_id,
        {{ hash_number(['name', 'comparison', 'operand']) }} as condition_key,
        count(*) over (partition by rule_id) as conditions

    from {{ ref('stg_rule_conditions') }}

),

met_further as (

    select * from {{ ref('int_met_conditions') }}

),

-- Contacts that meet all further conditions of a rule on the date.
further_met as (

    select
        contacts.as_of_date,
        contacts.contact_key,
        further_conditions.rule_id

    from further_conditions

    inner join met_further on further_conditions.condition_key = met_further.condition_key

    inner join contacts
        on
            met_further.version_hash = contacts.version_hash
            and {{ holds_on('met_further', 'contacts.as_of_date') }}

    group by contacts.as_of_date, contacts.contact_key, further_conditions.rule_id, further_conditions.conditions

    having count(*) = further_conditions.conditions

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

    left join further_met
        on
            contacts.as_of_date = further_met.as_of_date
            and contacts.contact_key = further_met.contact_key
            and rules.rule_id = further_met.rule_id

    where
        (rules.and_comparison is null or met_as_well.version_hash is not null)
        and (
            further_met.rule_id is not null
            or rules.rule_id not in (select conditioned.rule_id from further_conditions as conditioned)
        )

)

select * from final
