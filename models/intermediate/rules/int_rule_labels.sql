-- How rules are told of, beside the points that they gave.

with

event_rules as (

    select * from {{ ref('int_event_rules') }}

),

activity_rules as (

    select * from {{ ref('int_activity_rules') }}

),

attribute_rules as (

    select * from {{ ref('int_attribute_rules') }}

),

labels as (

    select
        rule_key,
        rule_id,
        coalesce(description, replace(event_type, '_', ' ')) as label,
        within_days,
        {{ as_text('null') }} as asks_for,
        true as tells_value

    from event_rules

    union all

    select
        rule_key,
        rule_id,
        coalesce(description, replace(event_type, '_', ' '), 'activity') as label,
        within_days,
        case feature when 'value' then 'in value' else replace(feature, '_', ' ') end as asks_for,
        true as tells_value

    from activity_rules

    union all

    select
        rule_key,
        rule_id,
        coalesce(description, replace(attribute, '_', ' ')) as label,
        null as within_days,
        replace(attribute, '_', ' ') as asks_for,
        comparison in ('equals', 'in', 'less_than', 'at_least', 'between', 'is_missing') as tells_value

    from attribute_rules

),

final as (

    select
        rule_key,
        rule_id,
        label,
        asks_for,
        replace(trim(trailing 's' from asks_for), 'days since', 'day since') as asks_for_one,
        case
            when within_days = 1 then ' in the last day'
            else coalesce(' in the last ' || within_days || ' days', '')
        end as in_the_window,
        case
            when within_days = 1 then ' in 1 day'
            else ' in ' || within_days || ' days'
        end as in_days,
        tells_value

    from labels

)

select * from final
