with

source as (

    select * from {{ ref(var('rules_project', 'lead_scoring'), 'event_filters') }}

),

final as (

    select
        {{ read_text('filter_id') }} as filter_id,
        lower({{ read_text('event_type') }}) as event_type,
        {{ read_text('kind') }} as kind,
        lower({{ read_text('property') }}) as property,
        {{ read_text('comparison') }} as comparison,
        {{ read_operand('property', 'comparison', 'operand') }} as operand,
        lower({{ read_text('after_event_type') }}) as after_event_type,
        {{ read_amount('seconds') }} as seconds,
        {{ read_whole('times') }} as times,
        {{ read_text('description') }} as description

    from source

)

select * from final
