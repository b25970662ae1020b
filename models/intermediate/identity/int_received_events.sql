{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='received_date',
        on_schema_change='fail',
        post_hook=[
            "delete from {{ this }} where received_date not in (select received_date from {{ ref('int_raw_days') }})",
            "
                {% if is_incremental() %}
                update {{ this }}
                set is_copy = true
                where
                    not is_copy
                    and event_id in (select event_id from {{ this }} where is_copy)
                {% endif %}
            "
        ]
    )
}}

-- Of an event that comes again, the rows that were read before become copies too.

with

raw_events as (

    select * from {{ ref('int_raw_events') }}

),

raw_days as (

    select * from {{ ref('int_raw_days') }}

),

held_days as (

    {% if is_incremental() %}
    select
        received_date,
        count(*) as rows_held,
        {{ rows_hash(event_cells()) }} as rows_hash

    from {{ this }}

    group by received_date
    {% else %}
    select
        received_date,
        0 as rows_held,
        rows_hash

    from raw_days

    where false
    {% endif %}

),

refused as (

    select * from {{ ref('int_lost_rows') }}
    where is_refused

),

-- A day is read again where rows came, went, or were changed in place since it was read, unless the raw tables have lost rows.
days_to_read as (

    select raw_days.received_date

    from raw_days

    left join held_days on raw_days.received_date = held_days.received_date

    where
        (
            raw_days.rows_in is distinct from held_days.rows_held
            or raw_days.rows_hash is distinct from held_days.rows_hash
        )
        and not exists (select 1 from refused)

),

events as (

    select raw_events.*

    from raw_events

    inner join days_to_read on raw_events.received_date = days_to_read.received_date

),

repeated_ids as (

    select event_id from events
    group by event_id
    having count(*) > 1

    {% if is_incremental() %}
    union

    select held.event_id

    from {{ this }} as held

    inner join events
        on
            held.event_id = events.event_id
            and held.received_date <> events.received_date
    {% endif %}

),

final as (

    select
        events.event_id,
        events.contact_id,
        events.anonymous_id,
        events.actor_id,
        events.event_type,
        events.channel,
        events.campaign,
        events.page_url,
        events.object_id,
        events.duration_seconds,
        events.value,
        events.occurred_at,
        events.received_at,
        events.occurred_date,
        events.received_date,
        events.rejected_because,
        events.raw_duration_seconds,
        events.raw_value,
        events.raw_occurred_at,
        events.raw_received_at,
        repeated_ids.event_id is not null as is_copy

    from events

    left join repeated_ids on events.event_id = repeated_ids.event_id

)

select * from final
