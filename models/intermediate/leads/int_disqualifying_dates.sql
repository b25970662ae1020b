{{ config(materialized='view') }}

-- Dates on which an event or an outcome disqualifies a contact: from_date and the days after, before until_date.

with

rules as (

    select
        *,
        {{ hash_number(['name']) }} as signal_key
    from {{ ref('stg_disqualification_rules') }}

),

contact_days as (

    select * from {{ ref('int_contact_days') }}

),

-- Those that say what a lead is.
outcomes as (

    select
        *,
        {{ hash_number(['contact_id']) }} as contact_key
    from {{ ref('int_outcomes') }}
    where outcome in ('qualified', 'won', 'lost', 'disqualified')

),

-- An outcome is the latest until one that occurred after it is known.
latest_outcomes as (

    select
        *,
        min(known_date) over (
            partition by contact_key
            order by occurred_at, outcome_id
            rows between 1 following and unbounded following
        ) as followed_date
    from outcomes

),

-- The first such event is enough, until it is filtered.
by_event as (

    select
        contact_days.contact_key,
        rules.model_id,
        rules.rule_id,
        rules.reason,
        min(greatest(contact_days.occurred_date, contact_days.known_date)) as from_date,
        contact_days.filtered_date as until_date

    from contact_days

    inner join rules
        on
            rules.source = 'event'
            and contact_days.signal_key = rules.signal_key

    group by contact_days.contact_key, rules.model_id, rules.rule_id, rules.reason, contact_days.filtered_date

),

final as (

    select * from by_event

    union all

    select
        latest_outcomes.contact_key,
        rules.model_id,
        rules.rule_id,
        rules.reason,
        latest_outcomes.known_date as from_date,
        latest_outcomes.followed_date as until_date

    from latest_outcomes

    inner join rules
        on
            rules.source = 'outcome'
            and latest_outcomes.outcome = rules.name

    where
        latest_outcomes.followed_date is null
        or latest_outcomes.known_date < latest_outcomes.followed_date

)

select * from final
