with

events as (

    select * from {{ ref('stg_events') }}
    where rejected_because is null

),

contacts as (

    select distinct contact_id from {{ ref('int_contact_versions') }}

),

visitors as (

    select * from {{ ref('int_visitor_contacts') }}

),

-- An event of an unknown contact is rejected; one of a visitor who was not identified yet waits, with no contact.
resolved as (

    select
        events.event_id,
        coalesce(events.contact_id, visitors.contact_id) as contact_id,
        events.event_type,
        events.channel,
        events.campaign,
        events.page_url,
        events.object_id,
        events.duration_seconds,
        events.value,
        events.occurred_at,
        events.received_at,
        {{ as_date('events.occurred_at') }} as occurred_date,
        case
            when events.contact_id is not null then {{ as_date('events.received_at') }}
            when visitors.contact_id is not null
                then {{ as_date('greatest(events.received_at, visitors.identified_at)') }}
        end as known_date

    from events

    left join contacts on events.contact_id = contacts.contact_id

    left join visitors
        on
            events.anonymous_id = visitors.anonymous_id
            and events.contact_id is null

    where events.contact_id is null or contacts.contact_id is not null

),

repeated_ids as (

    select event_id from resolved
    group by event_id
    having count(*) > 1

),

-- The first received of several stays; the other columns only make the choice between equals a definite one.
-- Only ids that came more than once are ordered: they are few, and ordering all events is what takes long.
copies as (

    select
        resolved.*,
        1 as copy_number

    from resolved

    left join repeated_ids on resolved.event_id = repeated_ids.event_id

    where repeated_ids.event_id is null

    union all

    select
        resolved.*,
        row_number() over (
            partition by resolved.event_id
            order by
                resolved.received_at,
                resolved.occurred_at,
                resolved.contact_id,
                resolved.event_type,
                resolved.channel,
                resolved.campaign,
                resolved.page_url,
                resolved.object_id,
                resolved.duration_seconds,
                resolved.value,
                resolved.known_date
        ) as copy_number

    from resolved

    inner join repeated_ids on resolved.event_id = repeated_ids.event_id

),

final as (

    select
        event_id,
        contact_id,
        event_type,
        channel,
        campaign,
        page_url,
        object_id,
        duration_seconds,
        value,
        occurred_at,
        received_at,
        occurred_date,
        known_date

    from copies

    where copy_number = 1

)

select * from final
