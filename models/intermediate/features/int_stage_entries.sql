-- Dates on which a contact met the condition of a stage anew, other than by a band, each as it was known on that date. So the entries
-- as of a date are those up to it, and what is known later takes none back.

with

stages as (

    select * from {{ ref('stg_lifecycle_stages') }}

),

dates as (

    select as_of_date from {{ ref('int_as_of_dates') }}
    where is_latest

),

lead_periods as (

    select * from {{ ref('int_person_versions') }}
    where created_date < until_date

),

contact_days as (

    select * from {{ ref('int_contact_days') }}

),

outcomes as (

    select * from {{ ref('int_outcomes') }}

),

leads as (

    select contact_id, {{ hash_number(['contact_id']) }} as contact_key, min(created_date) as created_date -- noqa: LT09
    from lead_periods
    group by contact_id

),

met as (

    select
        leads.contact_id,
        stages.stage,
        leads.created_date as met_on,
        {{ as_date('null') }} as filtered_date,
        {{ as_amount('null') }} as value
    from leads
    inner join stages on stages.entered_by = 'created'

    union all

    select leads.contact_id, stages.stage, greatest(days.occurred_date, days.known_date), days.filtered_date, null -- noqa: LT09, AL03
    from leads
    inner join contact_days as days on leads.contact_key = days.contact_key
    inner join stages on days.signal_key = {{ hash_number(['stages.name']) }} and stages.entered_by = 'event'

    union all

    select outcomes.contact_id, stages.stage, outcomes.known_date, null, outcomes.value -- noqa: LT09, AL03
    from outcomes
    inner join stages on outcomes.outcome = stages.name and stages.entered_by = 'outcome'

    union all

    select contact_id, stage, entered_on, null, null -- noqa: LT09, AL03
    from {{ ref('int_stage_states') }}

),

met_days as (

    select contact_id, stage, met_on, filtered_date, sum(value) as value -- noqa: LT09
    from met
    group by contact_id, stage, met_on, filtered_date

),

-- The first date from then on on which the contact is a lead.
entered as (

    select
        days.contact_id,
        days.stage,
        days.met_on,
        days.filtered_date,
        days.value,
        min(greatest(days.met_on, lead_periods.from_date)) as entered_on
    from met_days as days
    inner join lead_periods on days.contact_id = lead_periods.contact_id and days.met_on < lead_periods.until_date
    group by days.contact_id, days.stage, days.met_on, days.filtered_date, days.value

),

final as (

    select entered.contact_id, entered.entered_on, entered.stage, {{ as_amount('sum(entered.value)') }} as value -- noqa: LT09
    from entered
    inner join dates on entered.entered_on <= dates.as_of_date
    where entered.filtered_date is null or entered.filtered_date > entered.entered_on
    group by entered.contact_id, entered.entered_on, entered.stage

)

select * from final
