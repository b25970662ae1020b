with

activity_rules as (

    select * from {{ ref('stg_activity_rules') }}

),

rule_groups as (

    select * from {{ ref('int_rule_groups') }}

),

final as (

    select
        {{ hash_number(['activity_rules.rule_id']) }} as rule_key,
        activity_rules.rule_id,
        activity_rules.model_id,
        activity_rules.rule_group,
        activity_rules.feature,
        activity_rules.event_type,
        activity_rules.within_days,
        activity_rules.lower,
        activity_rules.upper,
        activity_rules.points,
        activity_rules.valid_from,
        activity_rules.valid_to,
        activity_rules.description,
        rule_groups.dimension,
        rule_groups.weight,

        -- Rules over the same events and days share a window, named after the first rule.
        min(activity_rules.rule_id) over (
            partition by activity_rules.event_type, activity_rules.within_days
        ) as window_id

    from activity_rules

    inner join rule_groups
        on
            activity_rules.model_id = rule_groups.model_id
            and activity_rules.rule_group = rule_groups.rule_group

)

select * from final
