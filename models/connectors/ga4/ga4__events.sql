with

event_names as (

    select * from {{ ref('stg_event_names') }}
    where source = 'ga4'

),

events as (

    select * from {{ ref('ga4_all_events') }}

),

final as (

    select
        events.event_id,
        events.contact_id,
        -- Events without consent have no visitor; all share one anonymous_id that is never identified.
        'ga4:' || coalesce(events.visitor_id, 'without consent') as anonymous_id,
        coalesce(event_names.event_type, events.source_type) as event_type,
        events.occurred_at,
        events.received_at,
        events.channel,
        events.campaign,
        events.page_url,
        events.object_id,
        events.duration_seconds,
        events.value

    from events

    left join event_names on events.source_type = event_names.source_type

)

select * from final
