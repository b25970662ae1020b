with

events as (

    select * from {{ ref('int_events') }}
    where contact_id is not null

),

final as (

    select
        contact_id,
        event_type,
        occurred_date,
        known_date,
        count(*) as events,
        coalesce(sum(duration_seconds), 0) as seconds,
        coalesce(sum(value), 0) as value,
        max(occurred_at) as last_event_at

    from events

    group by contact_id, event_type, occurred_date, known_date

)

select * from final
