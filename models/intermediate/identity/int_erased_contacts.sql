{{ config(materialized='view') }}

with

erasures as (

    select * from {{ ref('stg_erasures') }}

),

final as (

    select distinct erased_contact_id from erasures
    where erased_contact_id is not null

)

select * from final
