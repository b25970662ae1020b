{{ config(materialized='view') }}

with

leads as (

    select * from {{ ref('int_leads') }}
    where status = 'scored'

),

rules as (

    select * from {{ ref('int_activity_rules') }}

),

features as (

    select * from {{ ref('int_behaviour_features') }}

),

-- A lead without a matching event has no row of features: its counts and sums are 0, its days_since_* are missing.
observed as (

    select
        leads.as_of_date,
        leads.contact_id,
        rules.*,
        coalesce(features.events, 0) as matches,
        features.days_since_last as newest_age,
        case rules.feature
            when 'events' then coalesce(features.events, 0)
            when 'active_days' then coalesce(features.active_days, 0)
            when 'sessions' then coalesce(features.sessions, 0)
            when 'seconds' then coalesce(features.seconds, 0)
            when 'value' then coalesce(features.value, 0)
            when 'distinct_objects' then coalesce(features.distinct_objects, 0)
            when 'returned_objects' then coalesce(features.returned_objects, 0)
            when 'days_since_last' then features.days_since_last
            when 'days_since_first' then features.days_since_first
        end as feature_value

    from leads

    inner join rules
        on
            leads.model_id = rules.model_id
            and (rules.valid_from is null or leads.as_of_date >= rules.valid_from)
            and (rules.valid_to is null or leads.as_of_date < rules.valid_to)

    left join features
        on
            leads.as_of_date = features.as_of_date
            and leads.contact_id = features.contact_id
            and rules.window_id = features.window_id

),

final as (

    select
        as_of_date,
        model_id,
        contact_id,
        rule_id,
        rule_group,
        dimension,
        {{ as_count('matches') }} as matches,
        newest_age,
        {{ as_contribution(product('points', 'weight')) }} as points,
        {{ number_text('feature_value') }} as observed

    from observed

    where
        feature_value is not null
        and (lower is null or feature_value >= lower)
        and (upper is null or feature_value < upper)

)

select * from final
