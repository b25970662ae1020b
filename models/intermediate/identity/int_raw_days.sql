with

raw_events as (

    select * from {{ ref('int_raw_events') }}

),

final as (

    select
        received_date,
        count(*) as rows_in

    from raw_events

    group by received_date

)

select * from final
