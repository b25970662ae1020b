with

contacts as (

    select * from {{ ref('stg_contacts') }}
    where rejected_because is not null

),

final as (

    select
        {{ as_date('updated_at') }} as load_date,
        contact_id,
        raw_created_at as created_at,
        raw_updated_at as updated_at,
        case when '{{ setting("publish_email") }}' = 'yes' then email end as email,
        account_id,
        rejected_because

    from contacts

)

select * from final
