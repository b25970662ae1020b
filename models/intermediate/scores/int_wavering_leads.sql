with

scores as (

    select * from {{ ref('int_scores') }}

),

bands as (

    select * from {{ ref('stg_score_bands') }}
    where keep_score < min_score

),

compared as (

    select
        scores.model_id,
        scores.contact_id,
        bands.dimension,
        bands.min_score,
        bands.keep_score,
        case bands.dimension
            when 'behavioural' then scores.behavioural_score
            when 'demographic' then scores.demographic_score
            else scores.score
        end as score

    from scores

    inner join bands on scores.model_id = bands.model_id

),

final as (

    select distinct
        model_id,
        contact_id,
        dimension

    from compared

    where
        score < min_score
        and score >= keep_score

)

select * from final
