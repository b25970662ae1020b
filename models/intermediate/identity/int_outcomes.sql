with

outcomes as (

    select * from {{ ref('stg_outcomes') }}
    where rejected_because is null

),

persons as (

    select * from {{ ref('int_persons') }}

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

dated as (

    select
        outcome_id,
        contact_id,
        outcome,
        value,
        occurred_at,
        {{ as_date('occurred_at') }} as occurred_date

    from copies

    where copy_number = 1

),

owned as (

    select
        dated.outcome_id,
        coalesce(persons.survivor_id, dated.contact_id) as contact_id,
        dated.outcome,
        dated.value,
        dated.occurred_at,
        dated.occurred_date,
        dated.contact_id as raw_contact_id,
        -- greatest() ignores nulls.
        greatest(dated.occurred_date, persons.valid_from) as known_date,
        row_number() over (
            partition by dated.outcome_id, coalesce(persons.survivor_id, dated.contact_id)
            order by persons.valid_to nulls last
        ) as period_number

    from dated

    left join persons
        on
            dated.contact_id = persons.contact_id
            and (persons.valid_to is null or dated.occurred_date < persons.valid_to)

),

-- An outcome belongs to whom the contact was on that day, and later to the survivors of merges as well, once to each.
final as (

    select
        outcome_id,
        contact_id,
        outcome,
        value,
        occurred_at,
        occurred_date,
        raw_contact_id,
        known_date,
        known_date > occurred_date as is_inherited

    from owned

    where period_number = 1

)

select * from final
