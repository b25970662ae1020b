{{ config(materialized='view') }}

with

contacts as (

    select * from {{ ref('int_contacts') }}

),

rules as (

    select * from {{ ref('stg_activity_rules') }}

),

activity as (

    select * from {{ ref('int_window_activity') }}

),

window_events as (

    select * from {{ ref('int_window_events') }}

),

-- A contact without events in a window has no row: counts and sums are 0, days_since_* are missing.
features as (

    select
        activity.as_of_date,
        activity.contact_key,
        rules.rule_key,
        activity.events,
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

    union all

    select
        contacts.as_of_date,
        contacts.contact_key,
        rules.rule_key,
        0 as events,
        null as newest_age,
        0 as feature_value

    from contacts

    inner join rules
        on
            rules.feature not in ('days_since_last', 'days_since_first')
            and (rules.lower is null or rules.lower <= 0)
            and (rules.upper is null or rules.upper > 0)

    left join activity
        on
            contacts.as_of_date = activity.as_of_date
            and contacts.contact_key = activity.contact_key
            and rules.window_id = activity.window_id

    where activity.contact_key is null

),

final as (

    select
        features.as_of_date,
        features.contact_key,
        features.rule_key,
        {{ as_count('features.events') }} as matches,
        features.newest_age,
        {{ as_contribution(product('rules.points', 'rules.weight')) }} as points,
        features.feature_value

    from features

    inner join rules
        on
            features.rule_key = rules.rule_key
            and (rules.lower is null or features.feature_value >= rules.lower)
            and (rules.upper is null or features.feature_value < rules.upper)
            and (rules.valid_from is null or features.as_of_date >= rules.valid_from)
            and (rules.valid_to is null or features.as_of_date < rules.valid_to)

)

select * from final
