-- Entries into each stage in the last twelve months, and how many of them have moved on.

with

months as (

    select
        month,
        stage,
        position,
        entered,
        share,
        dense_rank() over (order by month desc) as months_back

    from {{ ref('funnel') }}

    where segment_attribute is null

),

final as (

    select * from months
    where months_back <= 12

)

select * from final
order by
    month,
    position,
    stage
