with

source as (

    select * from {{ ref(var('rules_project', 'lead_scoring'), 'account_models') }}

),

typed as (

    select
        {{ read_text('model_id') }} as model_id,
        {{ read_text('roll_up') }} as roll_up,
        {{ read_whole('top') }} as top, -- noqa: RF04
        lower({{ read_text('breadth_attribute') }}) as breadth_attribute,
        {{ read_points('breadth_min_score') }} as breadth_min_score,
        {{ read_points('breadth_points') }} as breadth_points,
        {{ read_points('max_breadth_points') }} as max_breadth_points,
        {{ read_text('status') }} as status

    from source

),

-- Only those of scored models.
final as (

    select * from typed
    where
        status in ('active', 'challenger')
        and model_id in (select models.model_id from {{ ref('stg_score_models') }} as models)

)

select * from final
