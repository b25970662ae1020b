with

accounts as (

    select * from {{ ref('stg_accounts') }}

),

final as (

    select
        {{ as_date('updated_at') }} as load_date,
        account_id,
        raw_created_at as created_at,
        raw_updated_at as updated_at,
        rejected_because

    from accounts

    where rejected_because is not null

)

select * from final
