{{ config(materialized='view') }}

with

bands as (

    select * from {{ ref('int_account_bands') }}

),

dates as (

    select * from {{ ref('int_as_of_dates') }}

),

published as (

    select * from {{ ref('int_account_history') }}
    where
        not is_in_run
        and band is not null

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
        bands.account_id,
        bands.band,
        bands.as_of_date as band_since,
        true as is_in_run
    from bands
    inner join dates on bands.as_of_date = dates.as_of_date

    union all

    select
        published.as_of_date,
        dates_before.date_number,
        published.model_id,
        published.account_id,
        published.band,
        published.band_since,
        false as is_in_run
    from published
    inner join dates_before on published.as_of_date = dates_before.as_of_date

),

final as (

    {{ band_periods('observed', 'account_id') }}

)

select * from final
