{{ config(materialized='view') }}

with

contacts as (

    select * from {{ ref('int_contacts') }}

),

rules as (

    select
        *,
        {{ hash_number(['name', 'comparison', 'operand']) }} as condition_key
    from {{ ref('stg_disqualification_rules') }}

),

met_conditions as (

    select * from {{ ref('int_met_conditions') }}

),

disqualifying_dates as (

    select * from {{ ref('int_disqualifying_dates') }}

),

by_attribute as (

    select
        contacts.as_of_date,
        contacts.contact_key,
        rules.model_id,
        rules.rule_id,
        rules.reason
    from contacts

    inner join met_conditions on contacts.version_hash = met_conditions.version_hash

    inner join rules
        on
            rules.source = 'attribute'
            and met_conditions.condition_key = rules.condition_key
            and {{ holds_on('met_conditions', 'contacts.as_of_date') }}

),

disqualifications as (

    select * from by_attribute

    union all

    select
        contacts.as_of_date,
        contacts.contact_key,
        disqualifying_dates.model_id,
        disqualifying_dates.rule_id,
        disqualifying_dates.reason
    from contacts

    inner join disqualifying_dates
        on
            contacts.contact_key = disqualifying_dates.contact_key
            and contacts.as_of_date >= disqualifying_dates.from_date
            and (disqualifying_dates.until_date is null or contacts.as_of_date < disqualifying_dates.until_date)

),

numbered as (

    select
        *,
        row_number() over (
            partition by as_of_date, contact_key, model_id
            order by rule_id
        ) as reason_number
    from disqualifications

),

-- Of several reasons, that of the first rule counts.
final as (

    select
        as_of_date,
        contact_key,
        model_id,
        coalesce(reason, rule_id) as reason
    from numbered
    where reason_number = 1

)

select * from final
