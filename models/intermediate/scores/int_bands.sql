with

scores as (

    select * from {{ ref('int_scores') }}

),

levels as (

    select * from {{ ref('int_band_levels') }}

),

remembered as (

    select * from {{ ref('int_remembered_bands') }}

),

-- Outside the hysteresis zone the score alone determines the bands.
by_dimension as (

    select
        scores.as_of_date,
        scores.model_id,
        scores.contact_key,
        coalesce(total_remembered.band, total.band) as band,
        coalesce(behavioural_remembered.band, behavioural.band) as behavioural_band,
        coalesce(demographic_remembered.band, demographic.band) as demographic_band,
        coalesce(behavioural_remembered.bands_on, behavioural.bands_on, '')
        || coalesce(demographic_remembered.bands_on, demographic.bands_on, '')
        || coalesce(total_remembered.bands_on, total.bands_on, '') as bands_on

    from scores

    left join levels as behavioural
        on
            behavioural.dimension = 'behavioural'
            and scores.model_id = behavioural.model_id
            and scores.behavioural_score >= behavioural.from_score
            and (behavioural.below_score is null or scores.behavioural_score < behavioural.below_score)

    left join levels as demographic
        on
            demographic.dimension = 'demographic'
            and scores.model_id = demographic.model_id
            and scores.demographic_score >= demographic.from_score
            and (demographic.below_score is null or scores.demographic_score < demographic.below_score)

    left join levels as total
        on
            total.dimension = 'total'
            and scores.model_id = total.model_id
            and scores.score >= total.from_score
            and (total.below_score is null or scores.score < total.below_score)

    left join remembered as behavioural_remembered
        on
            behavioural_remembered.dimension = 'behavioural'
            and scores.as_of_date = behavioural_remembered.as_of_date
            and scores.model_id = behavioural_remembered.model_id
            and scores.contact_key = behavioural_remembered.contact_key

    left join remembered as demographic_remembered
        on
            demographic_remembered.dimension = 'demographic'
            and scores.as_of_date = demographic_remembered.as_of_date
            and scores.model_id = demographic_remembered.model_id
            and scores.contact_key = demographic_remembered.contact_key

    left join remembered as total_remembered
        on
            total_remembered.dimension = 'total'
            and scores.as_of_date = total_remembered.as_of_date
            and scores.model_id = total_remembered.model_id
            and scores.contact_key = total_remembered.contact_key

),

final as (

    select
        as_of_date,
        model_id,
        contact_key,
        band,
        behavioural_band,
        demographic_band,
        bands_on

    from by_dimension

    where bands_on <> ''

)

select * from final
