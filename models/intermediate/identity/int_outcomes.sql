with

outcomes as (

    select * from {{ ref('stg_outcomes') }}
    where rejected_because is null

),

contacts as (

    select distinct contact_id from {{ ref('int_contact_versions') }}

),

-- Of duplicate outcomes the earliest stays, so row order does not matter.
copies as (

    select
        outcomes.*,
        row_number() over (
            partition by outcomes.outcome_id
            order by outcomes.occurred_at, outcomes.contact_id, outcomes.outcome, outcomes.value
        ) as copy_number

    from outcomes

    inner join contacts on outcomes.contact_id = contacts.contact_id

),

final as (

    select
        outcome_id,
        contact_id,
        outcome,
        value,
        occurred_at,
        {{ as_date('occurred_at') }} as occurred_date

    from copies

    where copy_number = 1

)

select * from final
