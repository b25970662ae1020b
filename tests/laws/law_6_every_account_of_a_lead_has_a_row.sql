{{ config(tags=['law']) }}

-- Exactly one row per account model, whatever the status of its leads; for the latest date also in the published mart.

with

expected as (

    select distinct
        leads.as_of_date,
        leads.model_id,
        leads.account_id
    from {{ ref('int_lead_scores') }} as leads
    inner join {{ ref('stg_account_models') }} as models on leads.model_id = models.model_id
    where leads.account_id is not null

),

found as (

    select
        as_of_date,
        model_id,
        account_id
    from {{ ref('account_score_history') }}
    where as_of_date in (select dates.as_of_date from {{ ref('int_as_of_dates') }} as dates)

),

shown as (

    select
        as_of_date,
        model_id,
        account_id
    from {{ ref('account_scores') }}

),

final as (

    select
        coalesce(expected.as_of_date, found.as_of_date) as as_of_date,
        coalesce(expected.model_id, found.model_id) as model_id,
        coalesce(expected.account_id, found.account_id) as account_id
    from expected
    full join found
        on
            expected.as_of_date = found.as_of_date
            and expected.model_id = found.model_id
            and expected.account_id = found.account_id
    where expected.account_id is null or found.account_id is null

    union all

    select
        expected.as_of_date,
        expected.model_id,
        expected.account_id
    from expected
    inner join {{ ref('int_as_of_dates') }} as dates
        on
            expected.as_of_date = dates.as_of_date
            and dates.is_latest
    left join shown
        on
            expected.as_of_date = shown.as_of_date
            and expected.model_id = shown.model_id
            and expected.account_id = shown.account_id
    where shown.account_id is null

)

select * from final
