{{ config(tags=['law']) }}

-- A value of an account counts from a date on which the account existed and a version with this value was known.
-- The earliest version also covers earlier dates.

with

attributes as (

    select account_id, attribute, value, valid_from -- noqa: LT09
    from {{ ref('int_account_attributes') }}
    where value is not null

),

versions as (

    select
        stg_accounts.account_id,
        stg_accounts.created_at,
        stg_accounts.updated_at,
        account_attributes.attribute,
        account_attributes.value,
        min(stg_accounts.updated_at) over (partition by stg_accounts.account_id) as first_updated_at
    from {{ ref('stg_accounts') }} as stg_accounts
    inner join {{ ref('stg_account_attributes') }} as account_attributes on stg_accounts.version_hash = account_attributes.version_hash
    where stg_accounts.rejected_because is null

),

final as (

    select attributes.*
    from attributes
    left join versions
        on
            attributes.account_id = versions.account_id
            and attributes.attribute = versions.attribute
            and attributes.value = versions.value
            and attributes.valid_from >= {{ as_date('versions.created_at') }}
            and (
                attributes.valid_from >= {{ as_date('versions.updated_at') }}
                or versions.updated_at = versions.first_updated_at
            )
    where versions.account_id is null

)

select * from final
