{{ config(materialized='view') }}

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
        rule_key,
        rule_id,
        model_id,
        'event' as rule_kind,
        rule_group,
        {{ hash_number(['model_id', 'rule_group']) }} as group_key,
        dimension,
        points,
        weight,
        valid_from,
        valid_to

    from event_rules

    union all

    select
        rule_key,
        rule_id,
        model_id,
        'activity' as rule_kind,
        rule_group,
        {{ hash_number(['model_id', 'rule_group']) }} as group_key,
        dimension,
        points,
        weight,
        valid_from,
        valid_to

    from activity_rules

    union all

    select
        rule_key,
        rule_id,
        model_id,
        'attribute' as rule_kind,
        rule_group,
        {{ hash_number(['model_id', 'rule_group']) }} as group_key,
        dimension,
        points,
        weight,
        valid_from,
        valid_to

    from attribute_rules

)

select * from final
