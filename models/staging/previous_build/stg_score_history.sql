with

source as (

    select * from {{ source('last_intermediate', 'int_score_history') }}

),

final as (

    select
        as_of_date,
        model_id,
        contact_id,
        band,
        band_since,
        bands_on

    from source

)

select * from final
