with

score_history as (

    select * from {{ ref('stg_score_history') }}

),

scored_dates as (

    select * from {{ ref('stg_scored_dates') }}

),

dates as (

    select * from {{ ref('int_as_of_dates') }}

),

last_date as (

    select max(as_of_date) as as_of_date from scored_dates
    where as_of_date < (select min(dates.as_of_date) from dates)

),

final as (

    select
        score_history.as_of_date,
        score_history.model_id,
        score_history.contact_id,
        score_history.band,
        score_history.band_since,
        score_history.bands_on

    from score_history

    inner join last_date on score_history.as_of_date = last_date.as_of_date

)

select * from final
