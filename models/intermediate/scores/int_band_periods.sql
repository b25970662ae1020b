with

leads as (

    select * from {{ ref('int_leads') }}

),

dates as (

    select * from {{ ref('int_as_of_dates') }}

),

bands as (

    select * from {{ ref('int_bands') }}

),

last_bands as (

    select * from {{ ref('int_last_bands') }}

),

observed as (

    select
        leads.as_of_date,
        dates.date_number,
        leads.model_id,
        leads.contact_id,
        bands.band,
        leads.as_of_date as band_since

    from leads

    inner join dates on leads.as_of_date = dates.as_of_date

    left join bands
        on
            leads.as_of_date = bands.as_of_date
            and leads.model_id = bands.model_id
            and leads.contact_id = bands.contact_id

    union all

    select
        as_of_date,
        0 as date_number,
        model_id,
        contact_id,
        band,
        band_since

    from last_bands

),

following as (

    select
        *,
        lag(date_number) over (
            partition by model_id, contact_id
            order by date_number
        ) as previous_number,
        lag(band) over (
            partition by model_id, contact_id
            order by date_number
        ) as previous_band

    from observed

),

-- A period begins with another band than on the date before, and where there is no date before.
periods as (

    select
        *,
        max(case when previous_number = date_number - 1 and previous_band = band then null else band_since end) over (
            partition by model_id, contact_id
            order by date_number
            rows between unbounded preceding and current row
        ) as period_since

    from following

),

final as (

    select
        as_of_date,
        model_id,
        contact_id,
        period_since as band_since

    from periods

    where
        date_number > 0
        and band is not null

)

select * from final
