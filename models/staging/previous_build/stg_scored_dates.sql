with

source as (

    select * from {{ last_built(source('published', 'scored_dates')) }}

),

final as (

    select
        as_of_date,
        model_id,
        rules_version,
        rules_fingerprint,
        rows_known,
        known_version

    from source

)

select * from final
