{{ config(materialized='view') }}

with

events as (

    select * from {{ ref('stg_events') }}
    where received_date is not null

),

erased_visitors as (

    select * from {{ ref('int_erased_visitors') }}

),

final as (

    select *

    from events

    where
        contact_id is not null
        or anonymous_id is null
        or anonymous_id not in (select erased_visitors.anonymous_id from erased_visitors)

)

select * from final
