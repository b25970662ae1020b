{{ config(materialized='table') }}

with

source as (

    select * from {{ ref(var('rules_project', 'lead_scoring'), 'rule_conditions') }}

),

-- A condition that stands twice is one: rules count theirs.
final as (

    select distinct
        {{ read_text('rule_id') }} as rule_id,
        lower({{ read_text('name') }}) as name,
        {{ read_text('comparison') }} as comparison,
        {{ read_text('operand') }} as operand

    from source

)

select * from final
