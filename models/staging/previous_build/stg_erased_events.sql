-- Counted before int_received_events is built, which removes these rows.

with

events as (

    select * from {{ source('last_intermediate', 'int_received_events') }}

),

erasures as (

    select * from {{ ref('stg_erasures') }}
    where erased_contact_id is not null

),

visitors as (

    select * from {{ ref('stg_erased_visitors') }}

),

erased_actors as (

    select 'contact:' || erased_contact_id as actor_id from erasures

    union

    select 'visitor:' || anonymous_id as actor_id from visitors

),

final as (

    select
        nullif(events.received_date, {{ as_date("'0001-01-01'") }}) as raw_date,
        count(*) as rows_erased

    from events

    inner join erased_actors on events.actor_id = erased_actors.actor_id

    group by events.received_date

)

select * from final
