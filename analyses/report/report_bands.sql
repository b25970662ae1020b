-- Leads by band on past dates: the latest date and others at equal steps before it, at most 60. The best band is the first.

with

models as (

    select distinct model_id from {{ ref('lead_scores') }}
    where model_status = 'active'

),

dates as (

    select
        dates.model_id,
        dates.as_of_date,
        row_number() over (partition by dates.model_id order by dates.as_of_date desc) - 1 as dates_before_latest,
        count(*) over (partition by dates.model_id) as dates

    from {{ ref('scored_dates') }} as dates

    inner join models on dates.model_id = models.model_id

),

shown_dates as (

    select
        model_id,
        as_of_date

    from dates

    where mod(dates_before_latest, cast(1 + floor((dates - 1) / 60) as integer)) = 0

),

counted as (

    select
        history.model_id,
        history.as_of_date,
        history.band,
        count(*) as leads,
        min(history.score) as lowest_score

    from {{ ref('lead_score_history') }} as history

    inner join shown_dates
        on
            history.model_id = shown_dates.model_id
            and history.as_of_date = shown_dates.as_of_date

    where history.status = 'scored'

    group by
        history.model_id,
        history.as_of_date,
        history.band

),

bands as (

    select
        model_id,
        band,
        row_number() over (
            partition by model_id
            order by case when band is null then 1 else 0 end asc, min(lowest_score) desc, band asc
        ) as place

    from counted

    group by
        model_id,
        band

),

final as (

    select
        counted.model_id,
        counted.as_of_date,
        counted.band,
        counted.leads,
        bands.place

    from counted

    inner join bands
        on
            counted.model_id = bands.model_id
            and coalesce(counted.band, '') = coalesce(bands.band, '')

)

select * from final
order by
    model_id,
    as_of_date,
    place
