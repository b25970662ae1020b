{{
    config(
        materialized='incremental',
        incremental_strategy='parts',
        meta={'part': ['as_of_date'], 'keep': 'int_history_models', 'keep_where': 'not is_in_run'},
        on_schema_change='fail'
    )
}}

with

scores as (

    select * from {{ ref('int_account_scores') }}

),

bands as (

    select * from {{ ref('int_account_bands') }}

),

dates as (

    select distinct as_of_date from {{ ref('int_history_models') }}
    where is_in_run

),

-- It names no contact, so an erasure changes no row.
final as (

    select
        scores.as_of_date,
        scores.model_id,
        scores.account_id,
        scores.score,
        bands.band,
        scores.contacts,
        scores.scored_contacts,
        scores.breadth,
        scores.rules_version,
        bands.bands_on

    from scores

    inner join dates on scores.as_of_date = dates.as_of_date

    left join bands
        on
            scores.as_of_date = bands.as_of_date
            and scores.model_id = bands.model_id
            and scores.account_id = bands.account_id

)

select * from final
