with

source as (

    select * from {{ source('last_marts', 'scored_dates') }}

),

final as (

    select
        as_of_date,
        model_id,
        rules_version,
        rules_fingerprint

    from source

)

select * from final
