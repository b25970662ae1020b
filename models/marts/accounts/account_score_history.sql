{{
    config(
        materialized='incremental',
        incremental_strategy='parts',
        meta={'part': ['as_of_date', 'model_id', 'account_id', 'contacts'], 'keep': 'int_account_history', 'keep_where': 'not is_in_run'},
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

rows_of_run as (

    select * from {{ ref('int_account_history') }}
    where is_in_run

),

final as (

    select
        scores.as_of_date,
        scores.model_id,
        scores.account_id,
        scores.score,
        bands.band,
        bands.band_since,
        scores.contacts,
        scores.scored_contacts,
        scores.breadth,
        scores.rules_version,
        bands.bands_on

    from scores

    inner join rows_of_run
        on
            scores.as_of_date = rows_of_run.as_of_date
            and scores.model_id = rows_of_run.model_id
            and scores.account_id = rows_of_run.account_id

    left join bands
        on
            scores.as_of_date = bands.as_of_date
            and scores.model_id = bands.model_id
            and scores.account_id = bands.account_id

)

select * from final
