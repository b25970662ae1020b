{{ config(materialized='view') }}

-- Rows of account_score_history after this build. A published row stays while the history has all leads that it counted: the sums of an
-- account hold the points of an erased person until the date is scored again.

with

scores as (

    select * from {{ ref('int_account_scores') }}

),

published as (

    select * from {{ ref('stg_account_score_history') }}

),

dates as (

    select distinct
        as_of_date,
        is_in_run
    from {{ ref('int_history_models') }}

),

published_leads as (

    select
        as_of_date,
        model_id,
        account_id,
        count(*) as contacts
    from {{ ref('stg_score_history') }}
    where
        account_id is not null
        -- Without accounts the history is not read.
        and model_id in (select published.model_id from published)
    group by as_of_date, model_id, account_id

),

final as (

    select
        scores.as_of_date,
        scores.model_id,
        scores.account_id,
        scores.contacts,
        {{ as_text('null') }} as band,
        {{ as_date('null') }} as band_since,
        {{ as_text('null') }} as bands_on,
        true as is_in_run
    from scores
    inner join dates
        on
            scores.as_of_date = dates.as_of_date
            and dates.is_in_run

    union all

    select
        published.as_of_date,
        published.model_id,
        published.account_id,
        published.contacts,
        published.band,
        published.band_since,
        published.bands_on,
        false as is_in_run
    from published
    inner join dates
        on
            published.as_of_date = dates.as_of_date
            and not dates.is_in_run
    inner join published_leads
        on
            published.as_of_date = published_leads.as_of_date
            and published.model_id = published_leads.model_id
            and published.account_id = published_leads.account_id
            and published.contacts = published_leads.contacts

)

select * from final
