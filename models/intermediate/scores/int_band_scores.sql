{{ config(materialized='view') }}

with

leads as (

    select * from {{ ref('int_leads') }}

),

dates as (

    select * from {{ ref('int_as_of_dates') }}

),

scores as (

    select * from {{ ref('int_scores') }}

),

bands as (

    select * from {{ ref('stg_score_bands') }}

),

wavering_leads as (

    select * from {{ ref('int_wavering_leads') }}

),

last_bands as (

    select * from {{ ref('int_last_bands') }}

),

-- A lead that is not scored on a date has no score there.
of_the_run as (

    select
        leads.as_of_date,
        dates.date_number,
        leads.model_id,
        leads.contact_id,
        bands.dimension,
        bands.band,
        bands.min_score,
        coalesce(bands.keep_score, bands.min_score) as keep_score,
        case
            when bands.dimension = 'behavioural' then scores.behavioural_score
            when bands.dimension = 'demographic' then scores.demographic_score
            else scores.score
        end as score

    from leads

    inner join dates on leads.as_of_date = dates.as_of_date

    inner join bands on leads.model_id = bands.model_id

    inner join wavering_leads
        on
            leads.model_id = wavering_leads.model_id
            and leads.contact_id = wavering_leads.contact_id
            and bands.dimension = wavering_leads.dimension

    left join scores
        on
            leads.as_of_date = scores.as_of_date
            and leads.model_id = scores.model_id
            and leads.contact_id = scores.contact_id

),

of_the_date_before as (

    select
        last_bands.as_of_date,
        last_bands.model_id,
        last_bands.contact_id,
        bands.dimension,
        bands.band,
        bands.min_score,
        {{ contains_text('last_bands.bands_on', band_key('bands.dimension', 'bands.min_score')) }} as is_on

    from last_bands

    inner join bands on last_bands.model_id = bands.model_id

    inner join wavering_leads
        on
            last_bands.model_id = wavering_leads.model_id
            and last_bands.contact_id = wavering_leads.contact_id
            and bands.dimension = wavering_leads.dimension

),

final as (

    select
        as_of_date,
        date_number,
        model_id,
        contact_id,
        dimension,
        band,
        min_score,
        coalesce(score >= min_score, false) as is_reached,
        coalesce(score < keep_score, true) as is_lost

    from of_the_run

    union all

    select
        as_of_date,
        0 as date_number,
        model_id,
        contact_id,
        dimension,
        band,
        min_score,
        coalesce(is_on, false) as is_reached,
        not coalesce(is_on, false) as is_lost

    from of_the_date_before

)

select * from final
