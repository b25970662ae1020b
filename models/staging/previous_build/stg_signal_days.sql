with

source as (

    select * from {{ source('last_intermediate', 'int_signal_days') }}

),

final as (

    select
        received_date,
        signal_id,
        day_version

    from source

)

select * from final
