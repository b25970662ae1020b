-- Bands of accounts and since when, remembered from one as-of date to the next, as published: as for leads (int_bands, int_band_periods).

with

scores as (

    select * from {{ ref('int_account_scores') }}
    where score is not null

),

dates as (

    select * from {{ ref('int_as_of_dates') }}

),

bands as (

    select * from {{ ref('stg_score_bands') }}
    where dimension = 'account'

),

-- Published bands of the dates before the run.
score_history as (

    select history.*, dates.date_number -- noqa: LT09
    from {{ ref('int_account_history') }} as history
    inner join {{ ref('int_history_dates') }} as dates on history.as_of_date = dates.as_of_date and dates.is_before_run
    where not history.is_in_run

),

observed as (

    select
        scores.as_of_date,
        dates.date_number,
        scores.model_id,
        scores.account_id,
        bands.band,
        bands.min_score,
        scores.score >= bands.min_score as is_reached,
        scores.score < coalesce(bands.keep_score, bands.min_score) as is_lost,
        true as is_in_run
    from scores
    inner join dates on scores.as_of_date = dates.as_of_date
    inner join bands on scores.model_id = bands.model_id

    union all

    select
        score_history.as_of_date,
        score_history.date_number,
        score_history.model_id,
        score_history.account_id,
        bands.band,
        bands.min_score,
        coalesce({{ contains_text('score_history.bands_on', band_key('bands.dimension', 'bands.min_score')) }}, false) as is_reached,
        not coalesce({{ contains_text('score_history.bands_on', band_key('bands.dimension', 'bands.min_score')) }}, false) as is_lost,
        false as is_in_run
    from score_history
    inner join bands on score_history.model_id = bands.model_id

),

ranked as (

    {{ bands_on('observed', 'account_id') }}

),

account_bands as (

    select
        as_of_date, date_number, model_id, account_id, -- noqa: LT09
        max(case when place = 1 then band end) as band,
        {{ joined(band_key("'account'", 'min_score'), "''", 'min_score') }} as bands_on
    from ranked
    group by as_of_date, date_number, model_id, account_id

),

stays as (

    select as_of_date, date_number, model_id, account_id, band, as_of_date as band_since, true as is_in_run -- noqa: LT09
    from account_bands

    union all

    select as_of_date, date_number, model_id, account_id, band, band_since, false as is_in_run -- noqa: LT09
    from score_history
    where band is not null

),

periods as (

    {{ band_periods('stays', 'account_id') }}

),

final as (

    select
        periods.*,
        account_bands.bands_on
    from periods
    inner join account_bands
        on
            periods.as_of_date = account_bands.as_of_date
            and periods.model_id = account_bands.model_id
            and periods.account_id = account_bands.account_id

)

select * from final
