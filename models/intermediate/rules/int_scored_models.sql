-- No rule with a problem is scored: the test on int_rule_problems stands before everything that is built from here.
-- depends_on: {{ ref('int_rule_problems') }}

with

models as (

    select * from {{ ref('stg_score_models') }}

),

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

    where status in ('active', 'challenger')

)

select * from final
