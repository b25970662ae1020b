{{ config(materialized='view') }}

-- Attributes of accounts by period. Before an account is created they are missing, as for a contact without a known account.

with

versions as (

    select * from {{ ref('int_account_versions') }}

),

attributes as (

    select * from {{ ref('stg_account_attributes') }}

),

names as (

    select column_name as attribute from {{ ref('stg_raw_columns') }}
    where table_name = 'accounts'

),

periods as (

    select
        account_id,
        {{ as_text('null') }} as version_hash,
        valid_from,
        least({{ as_date('created_at') }}, valid_to) as valid_to
    from versions

    union all

    select
        account_id,
        version_hash,
        greatest(valid_from, {{ as_date('created_at') }}) as valid_from,
        valid_to
    from versions

    union all

    -- Of contacts without a known account.
    select
        {{ as_text('null') }} as account_id,
        {{ as_text('null') }} as version_hash,
        {{ as_date('null') }} as valid_from,
        {{ as_date('null') }} as valid_to

),

final as (

    select
        periods.account_id,
        names.attribute,
        attributes.value,
        periods.valid_from,
        periods.valid_to

    from periods

    cross join names

    left join attributes
        on
            periods.version_hash = attributes.version_hash
            and names.attribute = attributes.attribute

    where coalesce(periods.valid_from < periods.valid_to, true)

)

select * from final
