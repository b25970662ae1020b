with

bands as (

    select * from {{ ref('stg_score_bands') }}

),

lower_bands as (

    select
        bands.model_id,
        bands.dimension,
        bands.min_score,
        {{ joined(band_key('lower_bands.dimension', 'lower_bands.min_score'), "''", 'lower_bands.min_score') }} as bands_on

    from bands

    inner join bands as lower_bands
        on
            bands.model_id = lower_bands.model_id
            and bands.dimension = lower_bands.dimension
            and bands.min_score >= lower_bands.min_score

    group by bands.model_id, bands.dimension, bands.min_score

),

final as (

    select
        bands.model_id,
        bands.dimension,
        bands.band,
        bands.min_score as from_score,
        lead(bands.min_score) over (
            partition by bands.model_id, bands.dimension
            order by bands.min_score
        ) as below_score,
        lower_bands.bands_on

    from bands

    inner join lower_bands
        on
            bands.model_id = lower_bands.model_id
            and bands.dimension = lower_bands.dimension
            and bands.min_score = lower_bands.min_score

)

select * from final
