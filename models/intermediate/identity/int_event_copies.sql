with

copies as (

    select * from {{ ref('int_received_events') }}
    where
        is_copy
        and rejected_because is null

),

actors as (

    select * from {{ ref('int_actors') }}

),

-- The first received of several is used, of those whose contact exists; the other columns only make the choice between
-- equals a definite one.
final as (

    select
        copies.event_id,
        copies.contact_id,
        copies.anonymous_id,
        copies.actor_id,
        copies.event_type,
        copies.channel,
        copies.campaign,
        copies.page_url,
        copies.object_id,
        copies.duration_seconds,
        copies.value,
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
                actors.contact_id,
                copies.event_type,
                copies.channel,
                copies.campaign,
                copies.page_url,
                copies.object_id,
                copies.duration_seconds,
                copies.value,
                coalesce(actors.identified_date, copies.received_date),
                copies.actor_id,
                copies.anonymous_id
        ) as copy_number

    from copies

    left join actors on copies.actor_id = actors.actor_id

)

select * from final
