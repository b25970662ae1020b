with

event_rules as (

    select * from {{ ref('stg_event_rules') }}

),

activity_rules as (

    select * from {{ ref('stg_activity_rules') }}

),

attribute_rules as (

    select * from {{ ref('stg_attribute_rules') }}

),

comparisons as (

    select * from {{ ref('comparisons') }}

),

told as (

    select
        rule_key,
        rule_id,
        model_id,
        'event' as rule_kind,
        rule_group,
        dimension,
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
        rule_key,
        rule_id,
        model_id,
        'activity' as rule_kind,
        rule_group,
        dimension,
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
        attribute_rules.rule_key,
        attribute_rules.rule_id,
        attribute_rules.model_id,
        'attribute' as rule_kind,
        attribute_rules.rule_group,
        attribute_rules.dimension,
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

),

final as (

    select
        *,
        {{ hash_number(['model_id', 'rule_group']) }} as group_key,
        replace(trim(trailing 's' from asks_for), 'days since', 'day since') as asks_for_one,
        case
            when within_days = 1 then ' in the last day'
            else coalesce(' in the last ' || within_days || ' days', '')
        end as in_the_window,
        case
            when within_days = 1 then ' in 1 day'
            else ' in ' || within_days || ' days'
        end as in_days

    from told

)

select * from final
