{{ config(materialized='view') }}

-- Conditions on attributes, each once, whichever rule, audience, disqualification or stage has it.

with

final as (

    select
        attribute,
        comparison,
        operand
    from {{ ref('stg_attribute_rules') }}

    union

    select
        and_attribute as attribute,
        and_comparison as comparison,
        and_operand as operand
    from {{ ref('stg_attribute_rules') }}
    where and_comparison is not null

    union

    select
        name as attribute,
        comparison,
        operand
    from {{ ref('stg_rule_conditions') }}
    where rule_id in (select rules.rule_id from {{ ref('stg_attribute_rules') }} as rules)

    union

    select
        audience_attribute as attribute,
        audience_comparison as comparison,
        audience_operand as operand
    from {{ ref('stg_score_models') }}
    where audience_attribute is not null

    union

    select
        name as attribute,
        comparison,
        operand
    from {{ ref('stg_disqualification_rules') }}
    where
        source = 'attribute'
        and model_id in (select models.model_id from {{ ref('stg_score_models') }} as models)

    union

    select
        name as attribute,
        comparison,
        operand
    from {{ ref('stg_lifecycle_stages') }}
    where entered_by = 'attribute'

)

select * from final
