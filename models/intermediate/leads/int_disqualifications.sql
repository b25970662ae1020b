with

contacts as (

    select * from {{ ref('int_contacts') }}

),

rules as (

    select
        *,
        {{ hash_number(['name', 'comparison', 'operand']) }} as condition_key,
        {{ hash_number(['name']) }} as signal_key
    from {{ ref('stg_disqualification_rules') }}
    where model_id in (select models.model_id from {{ ref('stg_score_models') }} as models)

),

met_conditions as (

    select * from {{ ref('int_met_conditions') }}

),

contact_days as (

    select * from {{ ref('int_contact_days') }}
    where is_type

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

-- First date on which an event disqualifies the contact, and the date from which the event is filtered.
first_events as (

    select
        contact_days.contact_key,
        rules.model_id,
        rules.rule_id,
        rules.reason,
        contact_days.filtered_date,
        min(greatest(contact_days.occurred_date, contact_days.known_date)) as from_date
    from contact_days

    inner join rules
        on
            rules.source = 'event'
            and contact_days.signal_key = rules.signal_key
    group by contact_days.contact_key, rules.model_id, rules.rule_id, rules.reason, contact_days.filtered_date

),

disqualifications as (

    select * from by_attribute

    union all

    select
        contacts.as_of_date,
        contacts.contact_key,
        first_events.model_id,
        first_events.rule_id,
        first_events.reason
    from contacts

    inner join first_events
        on
            contacts.contact_key = first_events.contact_key
            and contacts.as_of_date >= first_events.from_date
            and (first_events.filtered_date is null or contacts.as_of_date < first_events.filtered_date)

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
