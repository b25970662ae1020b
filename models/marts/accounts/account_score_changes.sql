-- A function of the history alone, so it is made anew by every build.

with

score_history as (

    select * from {{ ref('account_score_history') }}

),

model_dates as (

    select distinct
        as_of_date,
        model_id
    from score_history

),

pairs_of_dates as (

    select
        as_of_date,
        model_id,
        lag(as_of_date) over (
            partition by model_id
            order by as_of_date
        ) as previous_as_of_date
    from model_dates

),

final as (

    select
        present.as_of_date,
        pairs_of_dates.previous_as_of_date,
        present.model_id,
        present.account_id,
        previous.band as from_band,
        present.band as to_band,
        previous.score as from_score,
        present.score as to_score,
        previous.band_since as from_band_since

    from score_history as present

    inner join pairs_of_dates
        on
            present.as_of_date = pairs_of_dates.as_of_date
            and present.model_id = pairs_of_dates.model_id

    left join score_history as previous
        on
            pairs_of_dates.previous_as_of_date = previous.as_of_date
            and present.model_id = previous.model_id
            and present.account_id = previous.account_id

    where
        pairs_of_dates.previous_as_of_date is not null
        and (
            previous.account_id is null
            or present.band is distinct from previous.band
        )

)

select * from final
