with

bands as (

    select * from {{ ref('int_bands') }}

),

dates as (

    select * from {{ ref('int_as_of_dates') }}

),

score_history as (

    select * from {{ ref('stg_score_history') }}
    where band is not null

),

dates_before as (

    select * from {{ ref('int_history_dates') }}
    where is_before_run

),

observed as (

    select
        bands.as_of_date,
        dates.date_number,
        bands.model_id,
        bands.contact_key,
        bands.band,
        bands.as_of_date as band_since,
        true as is_in_run

    from bands

    inner join dates on bands.as_of_date = dates.as_of_date

    where bands.band is not null

    union all

    select
        score_history.as_of_date,
        dates_before.date_number,
        score_history.model_id,
        score_history.contact_key,
        score_history.band,
        score_history.band_since,
        false as is_in_run

    from score_history

    inner join dates_before on score_history.as_of_date = dates_before.as_of_date

),

final as (

    {{ band_periods('observed', 'contact_key') }}

)

select * from final
