-- What rules, audiences and disqualifications ask of attributes, each question once.

with

attribute_rules as (

    select * from {{ ref('stg_attribute_rules') }}

),

models as (

    select * from {{ ref('stg_score_models') }}

),

disqualification_rules as (

    select * from {{ ref('stg_disqualification_rules') }}
    where source = 'attribute'

),

conditions as (

    select
        attribute,
        comparison,
        operand
    from attribute_rules

    union

    select
        and_attribute as attribute,
        and_comparison as comparison,
        and_operand as operand
    from attribute_rules
    where and_comparison is not null

    union

    select
        audience_attribute as attribute,
        audience_comparison as comparison,
        audience_operand as operand
    from models
    where audience_attribute is not null

    union

    select
        disqualification_rules.name as attribute,
        disqualification_rules.comparison,
        disqualification_rules.operand

    from disqualification_rules

    inner join models on disqualification_rules.model_id = models.model_id

),

final as (

    select
        {{ hash_number(['attribute', 'comparison', 'operand']) }} as condition_key,
        attribute,
        comparison,
        operand

    from conditions

)

select * from final
