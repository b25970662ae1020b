with

outcomes as (

    select * from {{ ref('stg_outcomes') }}

),

contacts as (

    select * from {{ ref('int_contact_versions') }}

),

used as (

    select * from {{ ref('int_outcomes') }}

),

rejected as (

    select * from {{ ref('int_rejected_outcomes') }}

),

usable as (

    select
        outcomes.occurred_at,
        row_number() over (
            partition by outcomes.outcome_id
            order by outcomes.occurred_at, outcomes.contact_id, outcomes.outcome, outcomes.value
        ) as copy_number

    from outcomes

    where
        outcomes.rejected_because is null
        and outcomes.contact_id in (select contacts.contact_id from contacts)

),

copies as (

    select * from usable
    where copy_number > 1

),

counted as (

    select
        {{ as_date('occurred_at') }} as load_date,
        1 as rows_in,
        0 as rows_used,
        0 as rows_waiting,
        0 as rows_duplicate,
        0 as rows_rejected

    from outcomes

    union all

    select
        {{ as_date('occurred_at') }} as load_date,
        0 as rows_in,
        1 as rows_used,
        0 as rows_waiting,
        0 as rows_duplicate,
        0 as rows_rejected

    from used

    union all

    select
        {{ as_date('occurred_at') }} as load_date,
        0 as rows_in,
        0 as rows_used,
        0 as rows_waiting,
        1 as rows_duplicate,
        0 as rows_rejected

    from copies

    union all

    select
        load_date,
        0 as rows_in,
        0 as rows_used,
        0 as rows_waiting,
        0 as rows_duplicate,
        1 as rows_rejected

    from rejected

),

final as (

    select
        load_date,
        sum(rows_in) as rows_in,
        sum(rows_used) as rows_used,
        sum(rows_waiting) as rows_waiting,
        sum(rows_duplicate) as rows_duplicate,
        sum(rows_rejected) as rows_rejected

    from counted

    group by load_date

)

select * from final
