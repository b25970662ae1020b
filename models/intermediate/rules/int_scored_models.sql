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
        {{ hash_number(['audience_attribute', 'audience_comparison', 'audience_operand']) }} as audience_key,
        behavioural_weight,
        demographic_weight,
        min_score,
        max_score,
        description

    from models

    where status in ('active', 'challenger')

)

select * from final
