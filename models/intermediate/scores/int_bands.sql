with

scores as (

    select * from {{ ref('int_scores') }}

),

bands as (

    select * from {{ ref('stg_score_bands') }}

),

band_scores as (

    select * from {{ ref('int_band_scores') }}

),

-- From its min_score to that of the next band, a band and all bands below it are on.
levels as (

    select
        bands.model_id,
        bands.dimension,
        bands.band,
        bands.min_score,
        min(case when each_band.min_score > bands.min_score then each_band.min_score end) as below_score,
        {{ joined(
            'case when each_band.min_score <= bands.min_score then ' ~ band_key('each_band.dimension', 'each_band.min_score') ~ ' end',
            "''",
            'each_band.min_score'
        ) }} as bands_on
    from bands
    inner join bands as each_band on bands.model_id = each_band.model_id and bands.dimension = each_band.dimension
    group by bands.model_id, bands.dimension, bands.band, bands.min_score

),

-- In the hysteresis zone the band scores of the dates so far determine the bands.
remembered_bands as (

    select
        *,
        {{ band_key('dimension', 'min_score') }} as band_key
    from ({{ bands_on('band_scores', 'contact_key, dimension') }}) as settled

),

remembered as (

    select
        as_of_date,
        model_id,
        contact_key,
        max(case when dimension = 'behavioural' and place = 1 then band end) as behavioural_band,
        max(case when dimension = 'demographic' and place = 1 then band end) as demographic_band,
        max(case when dimension = 'total' and place = 1 then band end) as total_band,
        {{ joined("case when dimension = 'behavioural' then band_key end", "''", 'min_score') }} as behavioural_on,
        {{ joined("case when dimension = 'demographic' then band_key end", "''", 'min_score') }} as demographic_on,
        {{ joined("case when dimension = 'total' then band_key end", "''", 'min_score') }} as total_on
    from remembered_bands
    group by as_of_date, model_id, contact_key

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
