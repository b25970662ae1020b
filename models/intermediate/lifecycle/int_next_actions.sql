-- The row of next_actions.csv that decides what to do with a scored lead, as of each date of the run: the first one whose given cells all hold.

with

rules as (

    select
        *,
        {{ hash_number(['event_type']) }} as signal_key,
        {{ hash_number(['attribute', 'comparison', 'operand']) }} as condition_key
    from {{ ref('stg_next_actions') }}

),

leads as (

    select * from {{ ref('int_leads') }}
    where
        status = 'scored'
        and model_id in (select rules.model_id from rules)

),

bands as (

    select * from {{ ref('int_bands') }}

),

matrix as (

    select * from {{ ref('stg_score_matrix') }}

),

lead_stages as (

    select * from {{ ref('int_lead_stages') }}

),

contact_days as (

    select * from {{ ref('int_contact_days') }}
    where
        is_type
        and signal_key in (select rules.signal_key from rules where rules.event_type is not null)

),

met_conditions as (

    select * from {{ ref('int_met_conditions') }}

),

known_leads as (

    select
        leads.as_of_date,
        leads.model_id,
        leads.contact_key,
        leads.version_hash,
        lead_stages.stage,
        lead_stages.kind,
        bands.band,
        matrix.grade
    from leads
    left join lead_stages
        on
            leads.as_of_date = lead_stages.as_of_date
            and leads.contact_key = lead_stages.contact_key
    left join bands
        on
            leads.as_of_date = bands.as_of_date
            and leads.model_id = bands.model_id
            and leads.contact_key = bands.contact_key
    left join matrix
        on
            leads.model_id = matrix.model_id
            and bands.demographic_band = matrix.demographic_band
            and bands.behavioural_band = matrix.behavioural_band

),

-- Age of the newest event of each type that a row names.
newest_events as (

    select
        leads.as_of_date,
        leads.contact_key,
        contact_days.signal_key,
        min({{ days_between('contact_days.occurred_date', 'leads.as_of_date') }}) as age
    from (select distinct known_leads.as_of_date, known_leads.contact_key from known_leads) as leads
    inner join contact_days
        on
            leads.contact_key = contact_days.contact_key
            and leads.as_of_date >= contact_days.occurred_date
            and leads.as_of_date >= contact_days.known_date
            and (contact_days.filtered_date is null or leads.as_of_date < contact_days.filtered_date)
    group by leads.as_of_date, leads.contact_key, contact_days.signal_key

),

held as (

    select
        known_leads.as_of_date,
        known_leads.model_id,
        known_leads.contact_key,
        rules.precedence,
        rules.priority,
        rules.next_action,
        row_number() over (
            partition by known_leads.as_of_date, known_leads.model_id, known_leads.contact_key
            order by rules.precedence
        ) as place
    from known_leads
    inner join rules
        on
            known_leads.model_id = rules.model_id
            and (rules.stage is null or known_leads.stage = rules.stage)
            and (rules.kind is null or known_leads.kind = rules.kind)
            and (rules.grade is null or known_leads.grade = rules.grade)
            and (rules.band is null or known_leads.band = rules.band)
    left join newest_events
        on
            known_leads.as_of_date = newest_events.as_of_date
            and known_leads.contact_key = newest_events.contact_key
            and rules.signal_key = newest_events.signal_key
    left join met_conditions
        on
            known_leads.version_hash = met_conditions.version_hash
            and rules.condition_key = met_conditions.condition_key
    where
        (rules.event_type is null or newest_events.age < coalesce(rules.within_days, newest_events.age + 1))
        and (rules.attribute is null or met_conditions.version_hash is not null)

),

final as (

    select
        as_of_date,
        model_id,
        contact_key,
        precedence,
        priority,
        next_action
    from held
    where place = 1

)

select * from final
