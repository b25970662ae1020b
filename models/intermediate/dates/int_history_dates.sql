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

forgotten as (

    select distinct listed_date as as_of_date
    from {{ dates_of("'" ~ env_var('LEAD_SCORING_FORGET', '') ~ "'") }}

),

changes as (

    select * from {{ ref('int_changed_from') }}

),

dates as (

    select as_of_date from asked_dates
    where as_of_date not in (select forgotten.as_of_date from forgotten)

    union

    select as_of_date from scored_dates
    where as_of_date not in (select forgotten.as_of_date from forgotten)

),

latest as (

    select max(as_of_date) as as_of_date from dates

),

-- Nothing set keeps all.
limits as (

    select {{ add_days('as_of_date', '-' ~ read_whole("'" ~ env_var('LEAD_SCORING_KEEP_HISTORY_DAYS', '') ~ "'")) }} as first_date
    from latest

),

retention as (

    select
        min(limits.first_date) as first_date,
        count(scored_dates.as_of_date) as dates_held,
        coalesce(sum(case when scored_dates.as_of_date < limits.first_date then 1 else 0 end), 0) as dates_too_old

    from limits

    left join scored_dates
        on scored_dates.as_of_date not in (select forgotten.as_of_date from forgotten)

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

    cross join retention

    left join asked_dates on dates.as_of_date = asked_dates.as_of_date

    left join scored_dates on dates.as_of_date = scored_dates.as_of_date

    -- One wrong date must not cost the history: where more than half of it, and more than one date, is too old, all stay until told to go.
    where
        dates.as_of_date >= retention.first_date
        or retention.first_date is null
        or (
            retention.dates_too_old > 1
            and 2 * retention.dates_too_old > retention.dates_held
            and '{{ env_var("LEAD_SCORING_DROP_HISTORY", "no") }}' <> 'yes'
        )

)

select * from final
