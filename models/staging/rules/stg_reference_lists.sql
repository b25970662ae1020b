{{ config(materialized='table') }}

with

source as (

    select * from {{ ref(var('rules_project', 'lead_scoring'), 'reference_lists') }}

),

final as (

    select
        {{ read_text('list') }} as list, -- noqa: RF04
        lower({{ read_text('item') }}) as item

    from source

    where {{ read_text('list') }} is not null

)

select * from final
