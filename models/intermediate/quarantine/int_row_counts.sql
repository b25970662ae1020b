{{ config(materialized='view') }}

with

contacts as (

    select distinct contact_id from {{ ref('int_contact_versions') }}

),

-- Rows with equal row_key are duplicates; the first is used.
raw_rows as (

    select 'contacts' as table_name, {{ hash_of_all(['contact_id', 'updated_at']) }} as row_key, -- noqa: LT02, LT09
        updated_at as loaded_at, contact_id, rejected_because
    from {{ ref('stg_contacts') }}
    union all
    select 'accounts', {{ hash_of_all(['account_id', 'updated_at']) }}, updated_at, {{ as_text('null') }} as contact_id, rejected_because -- noqa
    from {{ ref('stg_accounts') }}
    union all
    select 'identities' as table_name, anonymous_id as row_key, identified_at as loaded_at, contact_id, rejected_because -- noqa: LT09
    from {{ ref('stg_identities') }}
    union all
    select 'outcomes' as table_name, outcome_id as row_key, occurred_at as loaded_at, contact_id, rejected_because -- noqa: LT09
    from {{ ref('stg_outcomes') }}
    union all
    select 'merges' as table_name, from_contact_id as row_key, merged_at as loaded_at, from_contact_id as contact_id, -- noqa: LT02, LT09
        case when into_contact_id in (select contacts.contact_id from contacts) then rejected_because else 'into_contact_id is unknown' end
            as rejected_because
    from {{ ref('stg_merges') }}
    union all
    select 'contact_attributes', {{ hash_of_all(['contact_id', 'attribute', 'changed_at']) }}, changed_at, contact_id, rejected_because -- noqa
    from {{ ref('stg_attribute_changes') }}
    union all
    select 'overrides', {{ hash_of_all(['contact_id', 'model_id', 'points', 'reason', 'author', 'valid_from', 'valid_to']) }}, valid_from, -- noqa
        contact_id, rejected_because
    from {{ ref('stg_overrides') }}

),

-- The order of simultaneous rows does not change a day's numbers.
usable as (

    select
        table_name,
        loaded_at,
        row_number() over (partition by table_name, row_key order by loaded_at) as copy_number

    from raw_rows

    where
        rejected_because is null
        and (table_name = 'accounts' or contact_id in (select contacts.contact_id from contacts))

),

counted as (

    select table_name, loaded_at, 'rows_in' as measure -- noqa: LT09
    from raw_rows
    union all
    select table_name, loaded_at, 'rows_duplicate' as measure -- noqa: LT09
    from usable
    where copy_number > 1
    union all
    select 'contacts' as table_name, updated_at as loaded_at, 'rows_used' as measure -- noqa: LT09
    from {{ ref('int_contact_versions') }}
    union all
    select 'accounts' as table_name, updated_at as loaded_at, 'rows_used' as measure -- noqa: LT09
    from {{ ref('int_account_versions') }}
    union all
    select 'identities' as table_name, identified_at as loaded_at, 'rows_used' as measure -- noqa: LT09
    from {{ ref('int_actors') }}
    where anonymous_id is not null
    union all
    select 'outcomes' as table_name, occurred_at as loaded_at, 'rows_used' as measure -- noqa: LT09
    from {{ ref('int_outcomes') }}
    where not is_inherited
    union all
    select 'merges' as table_name, merged_at as loaded_at, 'rows_used' as measure -- noqa: LT09
    from {{ ref('int_merges') }}
    where rejected_because is null
    union all
    select 'contact_attributes' as table_name, changed_at as loaded_at, 'rows_used' as measure -- noqa: LT09
    from {{ ref('int_attribute_changes') }}
    union all
    select 'overrides' as table_name, valid_from as loaded_at, 'rows_used' as measure -- noqa: LT09
    from {{ ref('int_overrides') }}

),

final as (

    select
        table_name,
        {{ as_date('loaded_at') }} as load_date,
        measure,
        count(*) as number
    from counted
    group by table_name, {{ as_date('loaded_at') }}, measure

)

select * from final
