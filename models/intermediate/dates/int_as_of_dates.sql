with

history_dates as (

    select * from {{ ref('int_history_dates') }}

),

scored_models as (

    select * from {{ ref('stg_scored_dates') }}

),

rules_versions as (

    select * from {{ ref('int_rules_versions') }}

),

-- A date that is asked for is scored again where the history holds it under other rules, or its ledger is wanted.
asked_again as (

    select distinct history_dates.as_of_date

    from history_dates

    cross join rules_versions

    left join scored_models
        on
            history_dates.as_of_date = scored_models.as_of_date
            and rules_versions.model_id = scored_models.model_id
            and rules_versions.rules_version = scored_models.rules_version

    where
        history_dates.is_asked
        and (scored_models.as_of_date is null or '{{ env_var("LEAD_SCORING_LEDGER", "latest") }}' = 'all')

),

beginning as (

    select min(history_dates.as_of_date) as as_of_date

    from history_dates

    left join asked_again on history_dates.as_of_date = asked_again.as_of_date

    where
        history_dates.is_to_score
        or history_dates.is_latest
        or asked_again.as_of_date is not null

),

-- From there on every date: what bands remember goes from one to the next.
final as (

    select
        history_dates.as_of_date,
        row_number() over (order by history_dates.as_of_date) as date_number,
        history_dates.is_latest,
        history_dates.is_asked

    from history_dates

    inner join beginning on history_dates.as_of_date >= beginning.as_of_date

)

select * from final
