with

events as (

    select * from {{ ref('int_events') }}
    where
        filter_id is not null
        and not is_inherited

),

filters as (

    select * from {{ ref('stg_event_filters') }}

),

final as (

    select
        events.received_date as load_date,
        events.event_id,
        events.contact_id,
        events.anonymous_id,
        events.event_type,
        events.occurred_at,
        events.received_at,
        events.channel,
        events.campaign,
        events.page_url,
        events.object_id,
        events.duration_seconds,
        events.value,
        filters.filter_id,
        filters.kind,
        coalesce(filters.description, filters.filter_id) as filtered_because,
        events.filtered_date as filtered_from

    from events

    inner join filters on events.filter_id = filters.filter_id

)

select * from final
