with

scores as (

    select * from {{ ref('int_scores') }}

),

bands as (

    select * from {{ ref('stg_score_bands') }}

),

remembered as (

    select * from {{ ref('int_remembered_bands') }}

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

-- From its min_score to that of the next band, a band and all bands below it are on.
levels as (

    select
        bands.*,
        lower_bands.bands_on,
        lead(bands.min_score) over (
            partition by bands.model_id, bands.dimension
            order by bands.min_score
        ) as below_score
    from bands
    inner join lower_bands
        on
            bands.model_id = lower_bands.model_id
            and bands.dimension = lower_bands.dimension
            and bands.min_score = lower_bands.min_score

),

-- Outside the hysteresis zone the score alone determines the bands.
by_dimension as (

    select
        scores.as_of_date,
        scores.model_id,
        scores.contact_key,
        coalesce(remembered.total_band, total.band) as band,
        coalesce(remembered.behavioural_band, behavioural.band) as behavioural_band,
        coalesce(remembered.demographic_band, demographic.band) as demographic_band,
        coalesce(remembered.behavioural_on, behavioural.bands_on, '')
        || coalesce(remembered.demographic_on, demographic.bands_on, '')
        || coalesce(remembered.total_on, total.bands_on, '') as bands_on
    from scores

    left join levels as behavioural
        on
            behavioural.dimension = 'behavioural'
            and scores.model_id = behavioural.model_id
            and scores.behavioural_score >= behavioural.min_score
            and (behavioural.below_score is null or scores.behavioural_score < behavioural.below_score)

    left join levels as demographic
        on
            demographic.dimension = 'demographic'
            and scores.model_id = demographic.model_id
            and scores.demographic_score >= demographic.min_score
            and (demographic.below_score is null or scores.demographic_score < demographic.below_score)

    left join levels as total
        on
            total.dimension = 'total'
            and scores.model_id = total.model_id
            and scores.score >= total.min_score
            and (total.below_score is null or scores.score < total.below_score)

    left join remembered
        on
            scores.as_of_date = remembered.as_of_date
            and scores.model_id = remembered.model_id
            and scores.contact_key = remembered.contact_key

),

final as (

    select * from by_dimension
    where bands_on <> ''

)

select * from final
