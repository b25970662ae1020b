with

raw_events as (

    select * from {{ ref('int_raw_events') }}

),

final as (

    select
        received_date,
        count(*) as rows_in,
        {{ rows_hash(event_cells()) }} as rows_hash

    from raw_events

    group by received_date

)

select * from final
