{{ config(materialized='view') }}

-- Dates on which an event or an outcome disqualifies a contact: from_date and the days after, before until_date.

with

rules as (

    select
        *,
        {{ hash_number(['name']) }} as signal_key
    from {{ ref('stg_disqualification_rules') }}
    where model_id in (select models.model_id from {{ ref('stg_score_models') }} as models)

),

contact_days as (

    select * from {{ ref('int_contact_days') }}
    where is_type

),

-- Outcomes that say what a lead is: these four, and those that rules of the model name.
telling as (

    select model_id, name as outcome -- noqa: LT09
    from rules
    where source = 'outcome'

    union

    select rules.model_id, states.outcome -- noqa: LT09
    from rules
    cross join (values ('qualified'), ('won'), ('lost'), ('disqualified')) as states (outcome)
    where rules.source = 'outcome'

),

outcomes as (

    select
        telling.model_id,
        outcomes.*,
        {{ hash_number(['outcomes.contact_id']) }} as contact_key
    from {{ ref('int_outcomes') }} as outcomes
    inner join telling on outcomes.outcome = telling.outcome

),

-- An outcome is the latest until one that occurred after it is known.
latest_outcomes as (

    select
        *,
        min(known_date) over (
            partition by model_id, contact_key
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
            and latest_outcomes.model_id = rules.model_id
            and latest_outcomes.outcome = rules.name

    where
        latest_outcomes.followed_date is null
        or latest_outcomes.known_date < latest_outcomes.followed_date

)

select * from final
