with

known_now as (

    select * from {{ ref('int_rows_now') }}

),

known_before as (

    select * from {{ ref('stg_known_rows') }}

),

scored_dates as (

    select * from {{ ref('stg_scored_dates') }}

),

forgotten as (

    select distinct listed_date as as_of_date
    from {{ dates_of("'" ~ env_var('LEAD_SCORING_FORGET', '') ~ "'") }}

),

forgotten_scores as (

    select scored_dates.as_of_date

    from scored_dates

    inner join forgotten on scored_dates.as_of_date = forgotten.as_of_date

),

-- More, or less, is known now than before. Where a date is forgotten, all others are scored again: bands remember it, and another date of
-- its week is judged instead.
changes as (

    select coalesce(known_now.known_date, known_before.known_date) as changed_from

    from known_now

    full join known_before
        on
            known_now.raw_table = known_before.raw_table
            and known_now.row_key = known_before.row_key
            and known_now.known_date = known_before.known_date

    where
        known_now.row_key is null
        or known_before.row_key is null

    union all

    select as_of_date as changed_from from scored_dates

    where exists (select 1 from forgotten_scores)

),

final as (

    select min(changed_from) as changed_from from changes

)

select * from final
