{{ config(materialized='view') }}

with

events as (

    select * from {{ ref('stg_events') }}

),

erased_visitors as (

    select * from {{ ref('int_erased_visitors') }}

),

-- Rows are kept by received day. One that cannot be read stands for those without: they are rejected.
final as (

    select
        event_id,
        contact_id,
        anonymous_id,
        case
            when contact_id is not null then 'contact:' || contact_id
            else 'visitor:' || anonymous_id
        end as actor_id,
        event_type,
        channel,
        campaign,
        page_url,
        object_id,
        duration_seconds,
        value,
        occurred_at,
        received_at,
        {{ as_date('occurred_at') }} as occurred_date,
        coalesce(received_date, {{ as_date("'0001-01-01'") }}) as received_date,
        rejected_because,
        raw_duration_seconds,
        raw_value,
        raw_occurred_at,
        raw_received_at

    from events

    where
        contact_id is not null
        or anonymous_id is null
        or anonymous_id not in (select erased_visitors.anonymous_id from erased_visitors)

)

select * from final
