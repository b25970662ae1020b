-- Days of which the last build knew more rows of a raw table than there are now.
-- What was erased, or what the source keeps no longer, is not lost.

with

known_days as (

    select * from {{ ref('stg_raw_table_days') }}

),

days as (

    select * from {{ ref('int_raw_table_days') }}

),

actor_days as (

    select * from {{ ref('stg_received_events') }}

),

erased_contacts as (

    select * from {{ ref('stg_erasures') }}
    where erased_contact_id is not null

),

erased_visitors as (

    select * from {{ ref('stg_erased_visitors') }}

),

erased_actors as (

    select distinct 'contact:' || erased_contact_id as actor_id from erased_contacts

    union all

    select 'visitor:' || anonymous_id as actor_id from erased_visitors

),

erased_days as (

    select
        actor_days.received_date as raw_date,
        count(*) as rows_erased

    from actor_days

    inner join erased_actors on actor_days.actor_id = erased_actors.actor_id

    group by actor_days.received_date

),

newest_days as (

    select
        table_name,
        max(raw_date) as newest_day

    from days

    group by table_name

),

compared as (

    select
        known_days.table_name,
        known_days.raw_date,
        known_days.rows_known as rows_before,
        coalesce(days.rows_known, 0) as rows_now,
        coalesce(erased_days.rows_erased, 0) as rows_erased

    from known_days

    left join days
        on
            known_days.table_name = days.table_name
            and known_days.raw_date is not distinct from days.raw_date

    left join erased_days
        on
            known_days.raw_date = erased_days.raw_date
            and known_days.table_name = 'events'

    left join newest_days on known_days.table_name = newest_days.table_name

    where
        known_days.table_name = 'contacts'
        or known_days.raw_date is null
        or known_days.raw_date >= coalesce(
            {{ add_days('newest_days.newest_day', '-' ~ read_whole("'" ~ env_var('LEAD_SCORING_RAW_KEEPS_DAYS', '') ~ "'")) }},
            known_days.raw_date
        )

),

final as (

    select
        table_name,
        raw_date,
        rows_before,
        rows_now,
        rows_before - rows_now - rows_erased as rows_lost

    from compared

    where rows_before > rows_now + rows_erased

)

select * from final
