with

accounts as (

    select * from {{ ref('stg_accounts') }}
    where rejected_because is null

),

-- As for contacts: of two different versions with equal keys the smaller text stays, so row order does not matter.
numbered as (

    select
        *,
        row_number() over (
            partition by account_id, updated_at
            order by row_text
        ) as copy_number

    from accounts

),

versions as (

    select
        version_hash,
        account_id,
        name,
        created_at,
        updated_at,
        lag(updated_at) over (
            partition by account_id
            order by updated_at
        ) as previous_updated_at,
        lead(updated_at) over (
            partition by account_id
            order by updated_at
        ) as next_updated_at

    from numbered

    where copy_number = 1

),

final as (

    select
        version_hash,
        account_id,
        name,
        created_at,
        updated_at,
        case when previous_updated_at is not null then {{ as_date('updated_at') }} end as valid_from,
        {{ as_date('next_updated_at') }} as valid_to

    from versions

)

select * from final
