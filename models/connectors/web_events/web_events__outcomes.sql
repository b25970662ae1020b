-- What event_names calls an outcome, such as a purchase; one of a visitor whom no event names is nobody's.

with

event_names as (

    select * from {{ ref('stg_event_names') }}
    where
        source = 'web_events'
        and outcome is not null

),

final as (

    select
        events.event_id || ':' || event_names.outcome as outcome_id,
        events.contact_id,
        event_names.outcome,
        events.occurred_at,
        events.value

    from {{ ref('web_event_rows') }} as events

    inner join event_names on events.source_type = event_names.source_type

    where events.contact_id is not null

)

select * from final
