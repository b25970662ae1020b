with

leads as (

    select * from {{ ref('int_leads') }}

),

scores as (

    select * from {{ ref('int_scores') }}

),

bands as (

    select * from {{ ref('stg_score_bands') }}

),

-- One row per lead, date and band of its model. A lead that is not scored on a date has no score there.
compared as (

    select
        leads.as_of_date,
        leads.model_id,
        leads.contact_id,
        bands.dimension,
        bands.band,
        bands.min_score,
        case
            when bands.dimension = 'behavioural' then scores.behavioural_score
            when bands.dimension = 'demographic' then scores.demographic_score
            else scores.score
        end as score,
        coalesce(bands.keep_score, bands.min_score) as keep_score

    from leads

    inner join bands on leads.model_id = bands.model_id

    left join scores
        on
            leads.as_of_date = scores.as_of_date
            and leads.model_id = scores.model_id
            and leads.contact_id = scores.contact_id

),

-- A band is on when it was last reached on a later date than it was last lost.
remembered as (

    select
        *,
        max(case when score >= min_score then as_of_date end) over (
            partition by model_id, contact_id, dimension, band
            order by as_of_date
            rows between unbounded preceding and current row
        ) as last_reached_on,
        max(case when score is null or score < keep_score then as_of_date end) over (
            partition by model_id, contact_id, dimension, band
            order by as_of_date
            rows between unbounded preceding and current row
        ) as last_lost_on

    from compared

),

ranked as (

    select
        *,
        row_number() over (
            partition by as_of_date, model_id, contact_id, dimension
            order by min_score desc
        ) as place

    from remembered

    where
        last_reached_on is not null
        and (last_lost_on is null or last_reached_on > last_lost_on)

),

final as (

    select
        as_of_date,
        model_id,
        contact_id,
        max(case when dimension = 'total' then band end) as band,
        max(case when dimension = 'behavioural' then band end) as behavioural_band,
        max(case when dimension = 'demographic' then band end) as demographic_band

    from ranked

    where place = 1

    group by as_of_date, model_id, contact_id

)

select * from final
