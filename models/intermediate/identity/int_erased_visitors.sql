{{ config(materialized='view') }}

with

erased_visitors as (

    select * from {{ ref('stg_erased_visitors') }}

),

visitors as (

    select * from {{ ref('int_visitor_contacts') }}

),

-- Who was another contact before keeps that contact's events.
final as (

    select erased_visitors.anonymous_id

    from erased_visitors

    left join visitors on erased_visitors.anonymous_id = visitors.anonymous_id

    where
        visitors.identified_at is null
        or erased_visitors.identified_at <= visitors.identified_at

)

select * from final
