with

asked_dates as (

    select * from {{ ref('int_asked_dates') }}

),

scored_dates as (

    select
        as_of_date,
        max(rules_fingerprint) as rules_fingerprint,
        min(rules_version) as rules_version

    from {{ ref('stg_scored_dates') }}

    group by as_of_date

),

rules as (

    select {{ hash_of(joined('model_fingerprint', "'|'", 'model_id')) }} as rules_fingerprint from {{ ref('int_rules_versions') }}

),

known_now as (

    select * from {{ ref('int_rows_now') }}

),

known_before as (

    select * from {{ ref('stg_known_rows') }}

),

-- The first date on which more, or less, is known now than when it was scored.
changes as (

    select min(coalesce(known_now.known_date, known_before.known_date)) as changed_from

    from known_now

    full join known_before
        on
            known_now.raw_table = known_before.raw_table
            and known_now.row_key = known_before.row_key
            and known_now.known_date = known_before.known_date

    where
        known_now.row_key is null
        or known_before.row_key is null

),

dates as (

    select as_of_date from asked_dates

    union

    select as_of_date from scored_dates

),

latest as (

    select max(as_of_date) as as_of_date from dates

),

final as (

    select
        dates.as_of_date,
        rules.rules_fingerprint,
        dates.as_of_date = latest.as_of_date as is_latest,
        asked_dates.as_of_date is not null as is_asked,
        coalesce(scored_dates.rules_version <> '', false) as is_in_history,
        {{ flags.FULL_REFRESH }}
        or scored_dates.as_of_date is null
        or coalesce(scored_dates.rules_fingerprint <> rules.rules_fingerprint, true)
        or coalesce(changes.changed_from <= dates.as_of_date, false) as is_to_score

    from dates

    cross join latest

    cross join rules

    cross join changes

    left join asked_dates on dates.as_of_date = asked_dates.as_of_date

    left join scored_dates on dates.as_of_date = scored_dates.as_of_date

    -- Nothing set keeps all.
    where
        dates.as_of_date >= coalesce(
            {{ add_days('latest.as_of_date', '-' ~ read_whole("'" ~ env_var('LEAD_SCORING_KEEP_HISTORY_DAYS', '') ~ "'")) }},
            dates.as_of_date
        )

)

select * from final
