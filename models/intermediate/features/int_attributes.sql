{{ config(materialized='view') }}

-- Attributes of contact versions and survivors, and the attributes that rules name of their accounts, and built-in ones.

with

attributes as (

    select * from {{ ref('int_person_attributes') }}
    where attribute not in (select known.column_name from {{ ref('stg_raw_columns') }} as known where known.table_name = 'accounts') -- noqa

),

named as (

    select name as attribute from {{ ref('int_tested_names') }}
    where kind <> 'property'

),

account_attributes as (

    select * from {{ ref('int_account_attributes') }}
    where attribute in (select named.attribute from named)

),

-- Without an account that raw.accounts has: null.
contact_accounts as (

    select distinct
        versions.version_hash,
        known.account_id
    from {{ ref('int_person_versions') }} as versions
    left join {{ ref('int_account_versions') }} as known on versions.account_id = known.account_id

),

built_in as (

    select column_name as attribute from {{ ref('stg_raw_columns') }}
    where
        is_built_in
        and column_name in (select named.attribute from named)

),

-- A missing address has neither a domain nor a validity.
emails as (

    select
        version_hash,
        lower(trim(value)) as email
    from attributes
    where
        attribute = 'email'
        and exists (select 1 from built_in)

),

final as (

    select
        version_hash,
        attribute,
        value,
        {{ as_date('null') }} as holds_from,
        {{ as_date('null') }} as holds_until
    from attributes

    union all

    select
        contact_accounts.version_hash,
        account_attributes.attribute,
        account_attributes.value,
        account_attributes.valid_from as holds_from,
        account_attributes.valid_to as holds_until

    from contact_accounts

    inner join account_attributes
        on
            coalesce(contact_accounts.account_id, '') = coalesce(account_attributes.account_id, '')
            and (contact_accounts.account_id is null) = (account_attributes.account_id is null)

    union all

    select
        emails.version_hash,
        built_in.attribute,
        case
            when built_in.attribute = 'email_domain' then {{ domain_of('emails.email') }}
            when {{ is_email('emails.email') }} then 'true'
            when emails.email is not null then 'false'
        end as value,
        {{ as_date('null') }} as holds_from,
        {{ as_date('null') }} as holds_until

    from emails

    cross join built_in

)

select * from final
