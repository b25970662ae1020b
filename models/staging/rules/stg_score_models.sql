with

source as (

    select * from {{ ref(var('rules_project', 'lead_scoring'), 'score_models') }}

),

models as (

    select
        {{ read_text('model_id') }} as model_id,
        {{ read_text('status') }} as status,
        lower({{ read_text('audience_attribute') }}) as audience_attribute,
        {{ read_text('audience_comparison') }} as audience_comparison,
        {{ read_text('audience_operand') }} as audience_operand,
        coalesce({{ read_factor('behavioural_weight') }}, {{ read_factor('1') }}) as behavioural_weight,
        coalesce({{ read_factor('demographic_weight') }}, {{ read_factor('1') }}) as demographic_weight,
        {{ read_points('min_score') }} as min_score,
        {{ read_points('max_score') }} as max_score,
        {{ read_text('description') }} as description

    from source

),

-- Only scored models; drafts and archived models are ignored.
final as (

    select
        *,
        {{ hash_number(['audience_attribute', 'audience_comparison', 'audience_operand']) }} as audience_key

    from models

    where status in ('active', 'challenger')

)

select * from final
