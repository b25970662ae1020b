{{
    config(
        materialized='incremental',
        incremental_strategy='parts',
        meta={'part': ['received_date', 'part_version'], 'keep': 'int_raw_days'},
        on_schema_change='fail'
    )
}}

with

events as (

    select * from {{ ref('stg_events') }}

),

erased_visitors as (

    select * from {{ ref('stg_erased_visitors') }}

),

raw_days as (

    select * from {{ ref('int_raw_days') }}

),

-- A day is read again if its rows were added, removed or changed in place.
days_to_read as (

    select
        received_date,
        part_version
    from raw_days

    {% if is_incremental() %}
    except

    select
        received_date,
        part_version
    from {{ this }}
    {% endif %}

),

final as (

    select
        {{ hash_number(['events.event_id']) }} as event_key,
        {{ hash_number(["coalesce('contact:' || events.contact_id, 'visitor:' || events.anonymous_id)"]) }} as actor_key,
        events.event_id,
        events.contact_id,
        events.anonymous_id,
        events.event_type,
        events.channel,
        events.campaign,
        events.page_url,
        events.object_id,
        events.duration_seconds,
        events.value,
        events.properties,
        events.occurred_at,
        events.received_at,
        {{ as_date('events.occurred_at') }} as occurred_date,
        days_to_read.received_date,
        events.rejected_because,
        events.raw_duration_seconds,
        events.raw_value,
        events.raw_occurred_at,
        events.raw_received_at,
        days_to_read.part_version

    from events

    inner join days_to_read on coalesce(events.received_date, {{ as_date("'0001-01-01'") }}) = days_to_read.received_date

    where
        events.contact_id is not null
        or events.anonymous_id is null
        or events.anonymous_id not in (select erased_visitors.anonymous_id from erased_visitors)

)

select * from final
