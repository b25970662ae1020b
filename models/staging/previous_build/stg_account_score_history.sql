with

source as (

    select * from {{ last_built(source('published', 'account_score_history')) }}

),

final as (

    select
        as_of_date,
        model_id,
        account_id,
        contacts,
        band,
        band_since,
        bands_on

    from source

)

select * from final
