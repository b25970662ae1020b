{{ config(tags=['law']) }}

-- Exactly, for every date of the run, and in the published marts for the latest. An account without a score has no contributions.

with

dates as (

    select * from {{ ref('int_as_of_dates') }}
    where is_latest

),

contributions as (

    select
        as_of_date,
        model_id,
        account_id,
        sum(points) as score
    from {{ ref('int_account_contributions') }}
    group by as_of_date, model_id, account_id

),

published_contributions as (

    select
        ledger.model_id,
        ledger.account_id,
        sum(ledger.points) as score
    from {{ ref('account_score_contributions') }} as ledger
    inner join dates on ledger.as_of_date = dates.as_of_date
    group by ledger.model_id, ledger.account_id

),

final as (

    select
        coalesce(scores.model_id, contributions.model_id) as model_id,
        coalesce(scores.account_id, contributions.account_id) as account_id,
        scores.score,
        contributions.score as expected_score
    from {{ ref('int_account_scores') }} as scores
    full join contributions
        on
            scores.as_of_date = contributions.as_of_date
            and scores.model_id = contributions.model_id
            and scores.account_id = contributions.account_id
    where scores.score is distinct from contributions.score

    union all

    select
        coalesce(scores.model_id, contributions.model_id) as model_id,
        coalesce(scores.account_id, contributions.account_id) as account_id,
        scores.score,
        contributions.score as expected_score
    from {{ ref('account_scores') }} as scores
    full join published_contributions as contributions
        on
            scores.model_id = contributions.model_id
            and scores.account_id = contributions.account_id
    where scores.score is distinct from contributions.score

)

select * from final
