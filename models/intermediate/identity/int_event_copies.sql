-- Events received more than once, with the number of each copy: copy 1 is used.

with

events as (

    select * from {{ ref('int_received_events') }}
    where rejected_because is null

),

actors as (

    select * from {{ ref('int_actors') }}

),

-- Reads the keys for itself, so that of the other columns only the copies' are read.
repeated as (

    select event_key from {{ ref('int_received_events') }}
    where rejected_because is null
    group by event_key
    having count(*) > 1

),

copies as (

    select events.*

    from events

    inner join repeated on events.event_key = repeated.event_key

),

-- The first received copy with an existing contact is used; the other columns only make the choice between
-- equal copies deterministic.
final as (

    select
        copies.event_key,
        copies.actor_key,
        copies.event_id,
        copies.contact_id,
        copies.anonymous_id,
        copies.event_type,
        copies.channel,
        copies.campaign,
        copies.page_url,
        copies.object_id,
        copies.duration_seconds,
        copies.value,
        copies.properties,
        copies.occurred_at,
        copies.received_at,
        copies.occurred_date,
        copies.received_date,
        row_number() over (
            partition by copies.event_id
            order by
                case when copies.contact_id is not null and actors.contact_id is null then 1 else 0 end,
                copies.received_at,
                copies.occurred_at,
                actors.contact_id nulls last,
                copies.event_type,
                copies.channel nulls last,
                copies.campaign nulls last,
                copies.page_url nulls last,
                copies.object_id nulls last,
                copies.duration_seconds nulls last,
                copies.value nulls last,
                copies.properties nulls last,
                coalesce(actors.identified_date, copies.received_date),
                copies.contact_id nulls last,
                copies.anonymous_id nulls last
        ) as copy_number

    from copies

    left join actors on copies.actor_key = actors.actor_key

)

select * from final
