with

outcomes as (

    select * from {{ ref('stg_outcomes') }}

),

contacts as (

    select distinct contact_id from {{ ref('int_contact_versions') }}

),

final as (

    select
        {{ as_date('outcomes.occurred_at') }} as load_date,
        outcomes.outcome_id,
        outcomes.contact_id,
        outcomes.outcome,
        outcomes.raw_occurred_at as occurred_at,
        outcomes.raw_value as value,
        coalesce(outcomes.rejected_because, 'contact_id is unknown') as rejected_because

    from outcomes

    left join contacts on outcomes.contact_id = contacts.contact_id

    where
        outcomes.rejected_because is not null
        or contacts.contact_id is null

)

select * from final
