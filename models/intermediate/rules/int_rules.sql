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

comparisons as (

    select * from {{ ref('comparisons') }}

),

final as (

    select
        rule_id,
        model_id,
        'event' as rule_kind,
        rule_group,
        points,
        weight,
        valid_from,
        valid_to,
        coalesce(description, replace(event_type, '_', ' ')) as label,
        within_days,
        {{ as_text('null') }} as asks_for,
        true as tells_value

    from event_rules

    union all

    select
        rule_id,
        model_id,
        'activity' as rule_kind,
        rule_group,
        points,
        weight,
        valid_from,
        valid_to,
        coalesce(description, replace(event_type, '_', ' '), 'activity') as label,
        within_days,
        case feature when 'value' then 'in value' else replace(feature, '_', ' ') end as asks_for,
        true as tells_value

    from activity_rules

    union all

    select
        attribute_rules.rule_id,
        attribute_rules.model_id,
        'attribute' as rule_kind,
        attribute_rules.rule_group,
        attribute_rules.points,
        attribute_rules.weight,
        attribute_rules.valid_from,
        attribute_rules.valid_to,
        coalesce(attribute_rules.description, replace(attribute_rules.attribute, '_', ' ')) as label,
        null as within_days,
        replace(attribute_rules.attribute, '_', ' ') as asks_for,
        comparisons.tells_value = 'yes' as tells_value

    from attribute_rules

    inner join comparisons on attribute_rules.comparison = comparisons.comparison

)

select * from final
