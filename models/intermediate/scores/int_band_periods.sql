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

following as (

    select
        *,
        lag(date_number) over (
            partition by model_id, contact_key, band
            order by date_number
        ) as previous_number

    from observed

),

-- A period begins if the lead was not in the band on the previous date. Published dates have their own band_since.
-- Date number and days since 1900 are packed into one number, so its maximum belongs to the latest such date.
periods as (

    select
        *,
        max(case
            when not is_in_run or previous_number is null or previous_number < date_number - 1
                then 1000000 * date_number + {{ days_between(as_date("'1900-01-01'"), 'band_since') }}
        end) over (
            partition by model_id, contact_key, band
            order by date_number
            rows between unbounded preceding and current row
        ) as begun_on

    from following

),

final as (

    select
        as_of_date,
        model_id,
        contact_key,
        {{ add_days(as_date("'1900-01-01'"), 'mod(begun_on, 1000000)') }} as band_since

    from periods

    where is_in_run

)

select * from final
