with

source as (

    select * from {{ ref(var('rules_project', 'lead_scoring'), 'activity_rules') }}

),

rule_groups as (

    select * from {{ ref('stg_rule_groups') }}

),

typed as (

    select
        {{ read_text('rule_id') }} as rule_id,
        {{ read_text('model_id') }} as model_id,
        {{ read_text('rule_group') }} as rule_group,
        {{ read_text('feature') }} as feature,
        lower({{ read_text('event_type') }}) as event_type,
        {{ read_whole('within_days') }} as within_days,
        {{ read_amount('lower') }} as lower,
        {{ read_amount('upper') }} as upper,
        {{ read_points('points') }} as points,
        {{ read_date('valid_from') }} as valid_from,
        {{ read_date('valid_to') }} as valid_to,
        {{ read_text('description') }} as description

    from source

),

final as (

    select
        typed.*,
        {{ hash_number(['typed.rule_id']) }} as rule_key,
        rule_groups.dimension,
        rule_groups.weight,

        -- Rules over the same events and days share a window, named after the first rule.
        min(typed.rule_id) over (
            partition by typed.event_type, typed.within_days
        ) as window_id

    from typed

    inner join rule_groups
        on
            typed.model_id = rule_groups.model_id
            and typed.rule_group = rule_groups.rule_group

)

select * from final
