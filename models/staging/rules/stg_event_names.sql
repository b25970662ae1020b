with

source as (

    select * from {{ ref(var('rules_project', 'lead_scoring'), 'event_names') }}

),

final as (

    select
        {{ read_text('source') }} as source,
        lower({{ read_text('source_type') }}) as source_type,
        lower({{ read_text('event_type') }}) as event_type,
        lower({{ read_text('outcome') }}) as outcome

    from source

)

select * from final
