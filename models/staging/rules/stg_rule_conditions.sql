with

source as (

    select * from {{ ref(var('rules_project', 'lead_scoring'), 'rule_conditions') }}

),

event_rules as (

    select {{ read_text('rule_id') }} as rule_id from {{ ref(var('rules_project', 'lead_scoring'), 'event_rules') }}

),

lists as (

    select distinct
        list,
        items_hash

    from {{ ref('stg_reference_lists') }}

),

-- A condition that stands twice is one: rules count theirs.
conditions as (

    select distinct
        {{ read_text('rule_id') }} as rule_id,
        lower({{ read_text('name') }}) as name,
        {{ read_text('comparison') }} as comparison,
        case
            when {{ read_text('rule_id') }} in (select event_rules.rule_id from event_rules)
                then {{ read_operand('name', 'comparison', 'operand') }}
            else {{ read_text('operand') }}
        end as operand

    from source

),

condition_hashes as (

    select
        conditions.rule_id,
        {{ joined(
            hash_of_all(['conditions.name', 'conditions.comparison', 'conditions.operand', 'lists.items_hash']), "'|'",
            'conditions.name, conditions.comparison, conditions.operand'
        ) }} as conditions_hash

    from conditions

    left join lists on conditions.operand = lists.list -- noqa: ST11

    group by conditions.rule_id

),

final as (

    select
        conditions.*,
        condition_hashes.conditions_hash

    from conditions

    inner join condition_hashes on conditions.rule_id = condition_hashes.rule_id

)

select * from final
