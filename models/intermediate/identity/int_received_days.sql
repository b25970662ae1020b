with

events as (

    select * from {{ ref('int_received_events') }}

),

-- Copies that are not used, each known by all its values.
unused_copies as (

    select
        copies.received_date,
        {{ hash_of(row_text('copies')) }} as copy_hash

    from {{ ref('int_event_copies') }} as copies

    where copies.copy_number > 1

),

unused_by_day as (

    select
        received_date,
        {{ hash_of(joined('copy_hash', "'|'", 'copy_hash')) }} as unused_hash

    from unused_copies

    group by received_date

),

days as (

    select
        received_date,
        count(*) as events

    from events

    group by received_date

),

final as (

    select
        days.received_date,
        days.events,
        {{ as_text('days.events') }} || coalesce('/' || unused_by_day.unused_hash, '') as day_version

    from days

    left join unused_by_day on days.received_date = unused_by_day.received_date

)

select * from final
