{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='received_date',
        on_schema_change='fail',
        post_hook="delete from {{ this }} where received_date not in (select received_date from {{ ref('int_received_days') }})"
    )
}}

with

events as (

    select * from {{ ref('int_unique_events') }}

),

days as (

    select * from {{ ref('int_received_days') }}

),

days_added_up as (

    select
        received_date,
        day_version

    {% if is_incremental() %}
    from {{ this }}

    where day_version is not null
    {% else %}
    from days

    where false
    {% endif %}

),

days_to_add_up as (

    select
        days.received_date,
        days.day_version

    from days

    left join days_added_up on days.received_date = days_added_up.received_date

    where days.day_version is distinct from days_added_up.day_version

),

added_up as (

    select
        events.actor_id,
        events.event_type,
        events.occurred_date,
        events.received_date,
        count(*) as events,
        coalesce(sum(events.duration_seconds), 0) as seconds,
        coalesce(sum(events.value), 0) as value,
        max(events.occurred_at) as last_event_at,
        max(case when events.occurred_at <= events.received_at then 1 else 0 end) = 1 as has_timely

    from events

    inner join days_to_add_up on events.received_date = days_to_add_up.received_date

    group by events.actor_id, events.event_type, events.occurred_date, events.received_date

),

-- One more row a day says which events of the day were added up, so that a day whose events change is done again.
final as (

    select
        actor_id,
        event_type,
        occurred_date,
        received_date,
        events,
        seconds,
        value,
        last_event_at,
        has_timely,
        {{ as_text('null') }} as day_version

    from added_up

    union all

    select
        {{ as_text('null') }} as actor_id,
        {{ as_text('null') }} as event_type,
        {{ as_date('null') }} as occurred_date,
        received_date,
        0 as events,
        0 as seconds,
        0 as value,
        null as last_event_at,
        false as has_timely,
        day_version

    from days_to_add_up

)

select * from final
