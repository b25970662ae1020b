{{
    config(
        materialized='incremental',
        incremental_strategy='parts',
        meta={'part': ['received_date', 'counted_for', 'part_version'], 'keep': 'int_signal_parts', 'marker': 'actor_key is null'},
        on_schema_change='fail'
    )
}}

with

signal_parts as (

    select * from {{ ref('int_signal_parts') }}

),

matches as (

    select * from {{ ref('int_signal_matches') }}

),

refused as (

    select * from {{ ref('int_lost_rows') }}
    where is_refused

),

-- If raw tables have lost rows, the days stay unchanged: the build stops (tests/laws).
parts_to_make as (

    select
        received_date,
        counted_for,
        part_version
    from signal_parts
    where not exists (select 1 from refused)

    {% if is_incremental() %}
    except

    select
        received_date,
        counted_for,
        part_version
    from {{ this }} as made
    where made.actor_key is null
    {% endif %}

),

-- One row per part without an actor: it marks a part as built even if the part has no activity.
final as (

    select
        matches.actor_key,
        matches.signal_key,
        matches.occurred_date,
        matches.filtered_date,
        matches.holds_from,
        matches.holds_until,
        parts_to_make.received_date,
        parts_to_make.counted_for,
        parts_to_make.part_version,
        count(*) as matches,
        sum(matches.amount) as amount,
        coalesce(sum(matches.seconds), 0) as seconds,
        coalesce(sum(matches.value), 0) as value,
        max(matches.occurred_at) as last_event_at

    from matches

    inner join parts_to_make
        on
            matches.received_date = parts_to_make.received_date
            and matches.counted_for = parts_to_make.counted_for

    group by
        matches.actor_key,
        matches.signal_key,
        matches.occurred_date,
        matches.filtered_date,
        matches.holds_from,
        matches.holds_until,
        parts_to_make.received_date,
        parts_to_make.counted_for,
        parts_to_make.part_version

    union all

    select
        null as actor_key,
        null as signal_key,
        null as occurred_date,
        null as filtered_date,
        null as holds_from,
        null as holds_until,
        received_date,
        counted_for,
        part_version,
        0 as matches,
        0 as amount,
        0 as seconds,
        0 as value,
        null as last_event_at

    from parts_to_make

)

select * from final
