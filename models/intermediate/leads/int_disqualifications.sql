with

contacts as (

    select * from {{ ref('int_contacts') }}

),

models as (

    select * from {{ ref('int_scored_models') }}

),

rules as (

    select * from {{ ref('stg_disqualification_rules') }}
    where model_id in (select models.model_id from models)

),

attributes as (

    select * from {{ ref('int_contact_attributes') }}

),

daily_events as (

    select * from {{ ref('int_daily_events') }}

),

by_attribute as (

    select
        contacts.as_of_date,
        contacts.contact_id,
        rules.model_id,
        rules.rule_id,
        rules.reason

    from contacts

    inner join rules on rules.source = 'attribute'

    left join attributes
        on
            contacts.version_hash = attributes.version_hash
            and rules.name = attributes.attribute

    where {{ condition_holds('attributes.value', 'rules.comparison', 'rules.operand') }}

),

by_event as (

    select distinct
        contacts.as_of_date,
        contacts.contact_id,
        rules.model_id,
        rules.rule_id,
        rules.reason

    from contacts

    inner join daily_events
        on
            contacts.contact_id = daily_events.contact_id
            and contacts.as_of_date >= daily_events.occurred_date
            and contacts.as_of_date >= daily_events.known_date

    inner join rules
        on
            rules.source = 'event'
            and daily_events.event_type = rules.name

),

disqualifications as (

    select * from by_attribute

    union all

    select * from by_event

),

numbered as (

    select
        *,
        row_number() over (
            partition by as_of_date, contact_id, model_id
            order by rule_id
        ) as reason_number

    from disqualifications

),

-- Of several reasons, the one of the first rule is told.
final as (

    select
        as_of_date,
        contact_id,
        model_id,
        coalesce(reason, rule_id) as reason

    from numbered

    where reason_number = 1

)

select * from final
