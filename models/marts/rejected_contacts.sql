with

rejected as (

    select * from {{ ref('int_rejected_contacts') }}

),

final as (

    select
        load_date,
        contact_id,
        raw_created_at as created_at,
        raw_updated_at as updated_at,
        case when '{{ env_var("LEAD_SCORING_PUBLISH_EMAIL", "no") }}' = 'yes' then email end as email,
        account_id,
        rejected_because

    from rejected

)

select * from final
