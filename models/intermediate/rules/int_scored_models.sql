with

models as (

    select * from {{ ref('stg_score_models') }}

),

problems as (

    select * from {{ ref('int_rule_problems') }}

),

-- With a problem in any rule file, no model is scored. A build ends before this: a test fails where there is a problem.
final as (

    select
        model_id,
        status,
        audience_attribute,
        audience_comparison,
        audience_operand,
        behavioural_weight,
        demographic_weight,
        min_score,
        max_score,
        description

    from models

    where
        status in ('active', 'challenger')
        and not exists (select 1 from problems)

)

select * from final
