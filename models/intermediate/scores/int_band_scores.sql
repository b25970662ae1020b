{{ config(materialized='view') }}

-- Bands reached and lost per date, for leads in the hysteresis zone: between the keep_score and the
-- min_score of a band. For dates before the run: the published bands.

with

scores as (

    select * from {{ ref('int_scores') }}

),

dates as (

    select * from {{ ref('int_as_of_dates') }}

),

bands as (

    select
        *,
        coalesce(keep_score, min_score) as kept_from
    from {{ ref('stg_score_bands') }}
    where dimension <> 'account'

),

score_history as (

    select * from {{ ref('stg_score_history') }}

),

dates_before as (

    select * from {{ ref('int_history_dates') }}
    where is_before_run

),

scores_by_dimension as (

    select
        scores.as_of_date,
        dates.date_number,
        scores.model_id,
        scores.contact_key,
        bands.dimension,
        bands.band,
        bands.min_score,
        bands.kept_from,
        case bands.dimension
            when 'behavioural' then scores.behavioural_score
            when 'demographic' then scores.demographic_score
            else scores.score
        end as score
    from scores
    inner join dates on scores.as_of_date = dates.as_of_date
    inner join bands on scores.model_id = bands.model_id

),

wavering_leads as (

    select distinct
        model_id,
        contact_key,
        dimension
    from scores_by_dimension
    where score < min_score and score >= kept_from

),

final as (

    select
        scores_by_dimension.as_of_date,
        scores_by_dimension.date_number,
        scores_by_dimension.model_id,
        scores_by_dimension.contact_key,
        scores_by_dimension.dimension,
        scores_by_dimension.band,
        scores_by_dimension.min_score,
        scores_by_dimension.score >= scores_by_dimension.min_score as is_reached,
        scores_by_dimension.score < scores_by_dimension.kept_from as is_lost,
        true as is_in_run
    from scores_by_dimension
    inner join wavering_leads
        on
            scores_by_dimension.model_id = wavering_leads.model_id
            and scores_by_dimension.contact_key = wavering_leads.contact_key
            and scores_by_dimension.dimension = wavering_leads.dimension

    union all

    select
        score_history.as_of_date,
        dates_before.date_number,
        score_history.model_id,
        score_history.contact_key,
        bands.dimension,
        bands.band,
        bands.min_score,
        coalesce({{ contains_text('score_history.bands_on', band_key('bands.dimension', 'bands.min_score')) }}, false) as is_reached,
        not coalesce({{ contains_text('score_history.bands_on', band_key('bands.dimension', 'bands.min_score')) }}, false) as is_lost,
        false as is_in_run
    from score_history
    inner join dates_before on score_history.as_of_date = dates_before.as_of_date
    inner join bands on score_history.model_id = bands.model_id
    inner join wavering_leads
        on
            score_history.model_id = wavering_leads.model_id
            and score_history.contact_key = wavering_leads.contact_key
            and bands.dimension = wavering_leads.dimension

)

select * from final
