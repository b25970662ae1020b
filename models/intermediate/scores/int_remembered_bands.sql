with

scores as (

    select * from {{ ref('int_band_scores') }}

),

-- A lead that was missing on the date before begins anew.
following as (

    select
        *,
        lag(date_number) over (
            partition by model_id, contact_id, dimension, band
            order by date_number
        ) as previous_number

    from scores

),

-- A band is on when it was last reached on a later date than it was last lost.
remembered as (

    select
        *,
        max(case when previous_number = date_number - 1 then null else date_number end) over (
            partition by model_id, contact_id, dimension, band
            order by date_number
            rows between unbounded preceding and current row
        ) as began_on,
        max(case when is_reached then date_number end) over (
            partition by model_id, contact_id, dimension, band
            order by date_number
            rows between unbounded preceding and current row
        ) as last_reached_on,
        max(case when is_lost then date_number end) over (
            partition by model_id, contact_id, dimension, band
            order by date_number
            rows between unbounded preceding and current row
        ) as last_lost_on

    from following

),

ranked as (

    select
        *,
        {{ band_key('dimension', 'min_score') }} as band_key,
        row_number() over (
            partition by as_of_date, model_id, contact_id, dimension
            order by min_score desc
        ) as place

    from remembered

    where
        date_number > 0
        and last_reached_on >= began_on
        and (last_lost_on is null or last_reached_on > last_lost_on)

),

final as (

    select
        as_of_date,
        model_id,
        contact_id,
        dimension,
        max(case when place = 1 then band end) as band,
        {{ joined('band_key', "''", 'min_score') }} as bands_on

    from ranked

    group by as_of_date, model_id, contact_id, dimension

)

select * from final
