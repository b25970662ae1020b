with

rejected as (

    select * from {{ ref('int_rejected_identities') }}

),

final as (

    select
        load_date,
        anonymous_id,
        contact_id,
        raw_identified_at as identified_at,
        rejected_because

    from rejected

)

select * from final
