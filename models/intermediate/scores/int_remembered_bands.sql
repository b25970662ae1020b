with

band_scores as (

    select * from {{ ref('int_band_scores') }}

),

-- A lead without a score on the previous date starts with no bands.
following as (

    select
        *,
        lag(date_number) over (
            partition by model_id, contact_key, dimension, band
            order by date_number
        ) as previous_number

    from band_scores

),

-- Twice the number of the last date that turned the band on or off, plus 1 if it turned on.
settled as (

    select
        *,
        max(case
            when is_reached then 2 * date_number + 1
            when is_lost or previous_number is null or previous_number < date_number - 1 then 2 * date_number
        end) over (
            partition by model_id, contact_key, dimension, band
            order by date_number
            rows between unbounded preceding and current row
        ) as settled_on

    from following

),

ranked as (

    select
        *,
        {{ band_key('dimension', 'min_score') }} as band_key,
        row_number() over (
            partition by as_of_date, model_id, contact_key, dimension
            order by min_score desc
        ) as place

    from settled

    where
        is_in_run
        and mod(settled_on, 2) = 1

),

final as (

    select
        as_of_date,
        model_id,
        contact_key,
        max(case when dimension = 'behavioural' and place = 1 then band end) as behavioural_band,
        max(case when dimension = 'demographic' and place = 1 then band end) as demographic_band,
        max(case when dimension = 'total' and place = 1 then band end) as total_band,
        {{ joined("case when dimension = 'behavioural' then band_key end", "''", 'min_score') }} as behavioural_on,
        {{ joined("case when dimension = 'demographic' then band_key end", "''", 'min_score') }} as demographic_on,
        {{ joined("case when dimension = 'total' then band_key end", "''", 'min_score') }} as total_on

    from ranked

    group by as_of_date, model_id, contact_key

)

select * from final
