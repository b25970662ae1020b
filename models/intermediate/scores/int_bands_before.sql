-- Published bands on the dates before the run: the initial state of a lead's bands.

with

score_history as (

    select * from {{ ref('stg_score_history') }}

),

history_dates as (

    select * from {{ ref('int_history_dates') }}

),

dates_before as (

    select
        dates_before.as_of_date,
        dates_before.date_number

    from history_dates as dates_before

    inner join history_dates as dates_of_the_run on dates_before.as_of_date = dates_of_the_run.previous_as_of_date

    where
        dates_of_the_run.is_in_run
        and not dates_before.is_in_run

),

final as (

    select
        score_history.as_of_date,
        dates_before.date_number,
        score_history.model_id,
        {{ hash_number(['score_history.contact_id']) }} as contact_key,
        score_history.band,
        score_history.band_since,
        score_history.bands_on

    from score_history

    inner join dates_before on score_history.as_of_date = dates_before.as_of_date

)

select * from final
