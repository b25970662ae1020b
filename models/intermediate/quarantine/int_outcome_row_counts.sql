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
        'rows_in' as measure,
        1 as number

    from outcomes

    union all

    select
        {{ as_date('occurred_at') }} as load_date,
        'rows_used' as measure,
        1 as number

    from used

    union all

    select
        {{ as_date('occurred_at') }} as load_date,
        'rows_duplicate' as measure,
        1 as number

    from copies

    union all

    select
        load_date,
        'rows_rejected' as measure,
        1 as number

    from rejected

),

final as (

    select
        load_date,
        measure,
        sum(number) as number

    from counted

    group by
        load_date,
        measure

)

select * from final
