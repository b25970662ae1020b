-- Dates on which the leads of the latest date met the condition of a stage anew, each as it was known on that date.

with

stages as (

    select * from {{ ref('stg_lifecycle_stages') }}

),

states as (

    select * from {{ ref('int_stage_states') }}

),

leads as (

    select
        contacts.contact_id,
        contacts.contact_key,
        contacts.as_of_date
    from {{ ref('int_contacts') }} as contacts
    inner join {{ ref('int_as_of_dates') }} as dates on contacts.as_of_date = dates.as_of_date
    where dates.is_latest

),

-- When a contact is a lead: from its creation on, and not while it is part of another.
lead_periods as (

    select
        contact_id,
        created_at,
        greatest(valid_from, {{ as_date('created_at') }}) as from_date,
        coalesce(valid_to, {{ as_date("'9999-12-31'") }}) as until_date
    from {{ ref('int_person_versions') }}
    where coalesce(valid_to > {{ as_date('created_at') }}, true)

),

contact_days as (

    select * from {{ ref('int_contact_days') }}
    where is_type

),

outcomes as (

    select * from {{ ref('int_outcomes') }}

),

met as (

    select lead_periods.contact_id, stages.stage, min({{ as_date('lead_periods.created_at') }}) as met_on, null as value -- noqa: LT09
    from lead_periods
    inner join stages on stages.entered_by = 'created'
    group by lead_periods.contact_id, stages.stage

    union all

    select leads.contact_id, stages.stage, greatest(contact_days.occurred_date, contact_days.known_date) as met_on, null as value -- noqa: LT09
    from leads
    inner join contact_days on leads.contact_key = contact_days.contact_key
    inner join stages on contact_days.signal_key = {{ hash_number(['stages.name']) }} and stages.entered_by = 'event'
    where contact_days.filtered_date is null or contact_days.filtered_date > leads.as_of_date

    union all

    select outcomes.contact_id, stages.stage, greatest(outcomes.occurred_date, outcomes.inherited_from) as met_on, outcomes.value -- noqa: LT09
    from outcomes
    inner join stages on outcomes.outcome = stages.name and stages.entered_by = 'outcome'

    union all

    select contact_id, stage, entered_on as met_on, null as value -- noqa: LT09
    from states

),

met_days as (

    select contact_id, stage, met_on, sum(value) as value -- noqa: LT09
    from met
    group by contact_id, stage, met_on

),

-- The first date from then on on which the contact is a lead.
entered as (

    select
        met_days.contact_id,
        met_days.stage,
        met_days.value,
        min(greatest(met_days.met_on, lead_periods.from_date)) as entered_on
    from met_days
    inner join lead_periods on met_days.contact_id = lead_periods.contact_id and met_days.met_on < lead_periods.until_date
    group by met_days.contact_id, met_days.stage, met_days.met_on, met_days.value

),

final as (

    select leads.as_of_date, leads.contact_id, entered.entered_on, entered.stage, {{ as_amount('sum(entered.value)') }} as value -- noqa: LT09
    from leads
    inner join entered on leads.contact_id = entered.contact_id and leads.as_of_date >= entered.entered_on
    group by leads.as_of_date, leads.contact_id, entered.entered_on, entered.stage

)

select * from final
