with

contacts as (

    select * from {{ ref('stg_contacts') }}
    where rejected_because is not null

),

final as (

    select
        {{ as_date('updated_at') }} as load_date,
        contact_id,
        raw_created_at,
        raw_updated_at,
        email,
        account_id,
        rejected_because

    from contacts

)

select * from final
