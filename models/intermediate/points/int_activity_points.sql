{{ config(materialized='view') }}

with

leads as (

    select * from {{ ref('int_leads') }}
    where status = 'scored'

),

rules as (

    select * from {{ ref('int_activity_rules') }}

),

activity as (

    select * from {{ ref('int_window_activity') }}

),

window_events as (

    select * from {{ ref('int_window_events') }}

),

observed as (

    select
        activity.as_of_date,
        activity.contact_key,
        rules.rule_key,
        activity.events as matches,
        activity.days_since_last as newest_age,
        case rules.feature
            when 'events' then activity.events
            when 'active_days' then activity.active_days
            when 'seconds' then activity.seconds
            when 'value' then activity.value
            when 'days_since_last' then activity.days_since_last
            when 'days_since_first' then activity.days_since_first
            else coalesce(window_events.value, 0)
        end as feature_value

    from activity

    inner join rules on activity.window_id = rules.window_id

    left join window_events
        on
            activity.as_of_date = window_events.as_of_date
            and activity.window_id = window_events.window_id
            and activity.contact_key = window_events.contact_key
            and rules.feature = window_events.feature

),

-- A lead without a matching event has no row: its counts and sums are 0, its days_since_* are missing.
without_events as (

    select
        leads.as_of_date,
        leads.contact_key,
        rules.rule_key,
        0 as matches,
        null as newest_age,
        0 as feature_value

    from leads

    inner join rules on leads.model_id = rules.model_id

    left join activity
        on
            leads.as_of_date = activity.as_of_date
            and leads.contact_key = activity.contact_key
            and rules.window_id = activity.window_id

    where
        activity.contact_key is null
        and rules.feature not in ('days_since_last', 'days_since_first')
        and (rules.lower is null or rules.lower <= 0)
        and (rules.upper is null or rules.upper > 0)

),

features as (

    select * from observed

    union all

    select * from without_events

),

final as (

    select
        leads.as_of_date,
        leads.model_id,
        leads.contact_key,
        rules.rule_key,
        {{ as_count('features.matches') }} as matches,
        features.newest_age,
        {{ as_contribution(product('rules.points', 'rules.weight')) }} as points,
        features.feature_value

    from features

    inner join rules
        on
            features.rule_key = rules.rule_key
            and (rules.lower is null or features.feature_value >= rules.lower)
            and (rules.upper is null or features.feature_value < rules.upper)

    inner join leads
        on
            features.as_of_date = leads.as_of_date
            and features.contact_key = leads.contact_key
            and rules.model_id = leads.model_id
            and (rules.valid_from is null or leads.as_of_date >= rules.valid_from)
            and (rules.valid_to is null or leads.as_of_date < rules.valid_to)

)

select * from final
