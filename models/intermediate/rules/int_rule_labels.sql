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

final as (

    select
        rule_id,
        coalesce(description, replace(event_type, '_', ' ')) as label,
        within_days,
        {{ as_text('null') }} as asks_for,
        true as tells_value

    from event_rules

    union all

    select
        rule_id,
        coalesce(description, replace(event_type, '_', ' '), 'activity') as label,
        within_days,
        case feature when 'value' then 'in value' else replace(feature, '_', ' ') end as asks_for,
        true as tells_value

    from activity_rules

    union all

    select
        rule_id,
        coalesce(description, replace(attribute, '_', ' ')) as label,
        null as within_days,
        replace(attribute, '_', ' ') as asks_for,
        comparison in ('equals', 'in', 'less_than', 'at_least', 'between', 'is_missing') as tells_value

    from attribute_rules

)

select * from final
