-- Events with their contact: the customer, else the customer with the e-mail address, else the address; else only a visitor.

with

customers as (

    select
        lower({{ read_text('email') }}) as email,
        min({{ read_text('id') }}) as customer_id

    from {{ source('web_events', 'customers') }}

    group by lower({{ read_text('email') }})

),

events as (

    select
        {{ read_text('event_id') }} as event_id,
        {{ read_text('customer_id') }} as customer_id,
        {{ read_text('visitor_id') }} as visitor_id,
        lower({{ read_text('email') }}) as email,
        lower({{ read_text('event_type') }}) as source_type,
        {{ source_day_end('web_events', 'occurred_at', times_are_local=true) }} as occurred_at,
        {{ source_time('web_events', 'received_at') }} as received_at,
        {{ read_text('channel') }} as channel,
        {{ read_text('campaign') }} as campaign,
        {{ read_text('page_url') }} as page_url,
        {{ read_text('product_id') }} as object_id,
        {{ read_amount('duration_seconds') }} as duration_seconds,
        {{ read_amount('value') }} as value

    from {{ source('web_events', 'events') }}

),

-- Rows without an id that are equal in all columns are one event.
final as (

    select
        'web_events:' || coalesce(
            events.event_id,
            {{ hash_of_all([
                'events.customer_id', 'events.visitor_id', 'events.email', 'events.source_type', 'events.occurred_at', 'events.channel',
                'events.campaign', 'events.page_url', 'events.object_id', 'events.duration_seconds', 'events.value'
            ]) }}
        ) as event_id,
        'web_events:' || coalesce(
            events.customer_id, customers.customer_id, 'email:' || {{ hash_of('events.email') }}
        ) as contact_id,
        'web_events:' || events.visitor_id as anonymous_id,
        events.email,
        events.source_type,
        events.occurred_at,
        coalesce(events.received_at, events.occurred_at) as received_at,
        events.channel,
        events.campaign,
        events.page_url,
        events.object_id,
        events.duration_seconds,
        events.value

    from events

    left join customers on events.email = customers.email

)

select * from final
