with

rejected as (

    select * from {{ ref('int_rejected_outcomes') }}

),

final as (

    select
        load_date,
        outcome_id,
        contact_id,
        outcome,
        raw_occurred_at as occurred_at,
        raw_value as value,
        rejected_because

    from rejected

)

select * from final
