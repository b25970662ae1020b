{{ config(tags=['law']) }}

-- The same on the published marts, for the latest as-of date.

with

dates as (

    select * from {{ ref('int_as_of_dates') }}
    where is_latest

),

lead_scores as (

    select * from {{ ref('lead_scores') }}

),

ledger as (

    select * from {{ ref('lead_score_contributions') }}

),

contributions as (

    select
        ledger.as_of_date,
        ledger.model_id,
        ledger.contact_id,
        sum(ledger.points) as score

    from ledger

    inner join dates on ledger.as_of_date = dates.as_of_date

    group by ledger.as_of_date, ledger.model_id, ledger.contact_id

),

final as (

    select
        coalesce(lead_scores.as_of_date, contributions.as_of_date) as as_of_date,
        coalesce(lead_scores.model_id, contributions.model_id) as model_id,
        coalesce(lead_scores.contact_id, contributions.contact_id) as contact_id,
        lead_scores.status,
        lead_scores.score,
        contributions.score as expected_score

    from lead_scores

    full join contributions
        on
            lead_scores.as_of_date = contributions.as_of_date
            and lead_scores.model_id = contributions.model_id
            and lead_scores.contact_id = contributions.contact_id

    where
        lead_scores.status is null
        or (lead_scores.status = 'scored' and lead_scores.score is distinct from coalesce(contributions.score, 0))
        or (lead_scores.status <> 'scored' and (lead_scores.score is not null or contributions.score is not null))

)

select * from final
