{{ config(materialized='table') }}

with

source as (

    select * from {{ ref(var('rules_project', 'lead_scoring'), 'rule_conditions') }}

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
        {{ read_text('operand') }} as operand

    from source

),

hashes as (

    select
        conditions.rule_id,
        {{ joined(
            hash_of_all(['conditions.name', 'conditions.comparison', 'conditions.operand', 'lists.items_hash']), "'|'",
            'conditions.name, conditions.comparison, conditions.operand'
        ) }} as conditions_hash

    from conditions

    left join lists on conditions.operand = lists.list

    group by conditions.rule_id

),

final as (

    select
        conditions.*,
        hashes.conditions_hash

    from conditions

    inner join hashes on conditions.rule_id = hashes.rule_id

)

select * from final
